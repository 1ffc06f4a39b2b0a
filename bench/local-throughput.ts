import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Bench, runIfMain } from './claim.ts';
import { inSeconds, MAESTRO, median, type Scratch, settle, use, withScratch } from './measure.ts';
import { type Sweep, scriptOf, writeSweep } from './sweep.ts';

const SWEEP: Sweep = { name: 'throughput', cmd: ':', count: 2000 };
const ROUNDS = 5;
const LIMIT = 1.25;

/** Runs the sweep with Maestro: expansion, store, scripts, every transition journalled. */
function withMaestro({ directory, env }: Scratch, round: number, spec: string): number {
  const study = join(directory, `study-${round}`);
  settle();
  const { seconds } = use([process.execPath, MAESTRO, 'run', '-fg', '-y', '-o', study, spec], { env });
  return seconds;
}

/** Runs the same scripts with ninja, which finds them ready in fresh directories. */
function withNinja({ directory }: Scratch, round: number): number {
  const root = join(directory, `ninja-${round}`);
  const rules = ['rule step', '  command = cd $dir && ./$script > $script.out 2> $script.err'];
  for (let index = 0; index < SWEEP.count; index++) {
    const script = scriptOf(SWEEP, index);
    mkdirSync(join(root, script.directory), { recursive: true });
    writeFileSync(join(root, script.file), script.text, { mode: 0o744 });
    const name = script.file.slice(script.directory.length + 1);
    rules.push(`build ${script.file}.out: step`, `  dir = ${script.directory}`, `  script = ${name}`);
  }
  writeFileSync(join(root, 'build.ninja'), `${rules.join('\n')}\n`);
  settle();
  const { seconds } = use(['ninja', '--quiet', '-C', root, `-j${availableParallelism()}`]);
  return seconds;
}

function requireNinja(): void {
  try {
    use(['ninja', '--version']);
  } catch (error) {
    throw new Error('ninja is missing; install it (Debian: apt-get install ninja-build)', { cause: error });
  }
}

/** Steps that do nothing, through the whole program, against a build tool that only starts processes. */
export const localThroughput: Bench = {
  work: `${SWEEP.count} no-op local steps in the foreground`,
  measure: () =>
    withScratch(async (scratch) => {
      requireNinja();
      const spec = writeSweep(scratch.directory, SWEEP);
      const ours: number[] = [];
      const ninja: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        ours.push(withMaestro(scratch, round, spec));
        ninja.push(withNinja(scratch, round));
      }
      return [
        {
          what: `against \`ninja -j${availableParallelism()}\``,
          limit: LIMIT,
          measured: median(ours) / median(ninja),
          unit: 'times',
          detail: `${inSeconds(median(ours))} against ${inSeconds(median(ninja))}`,
        },
      ];
    }),
};

await runIfMain(import.meta.url, localThroughput);
