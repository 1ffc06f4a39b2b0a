import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MUTATIONS, type Mutation } from './mutations.ts';

/**
 * `npm run simulate:mutations`: plants each of the bugs in a copy of the sources, alone, and plays the simulation
 * there until it finds it. Fails where one is not found. Arguments choose mutations by parts of their names.
 *
 * What is kept comes first, so most are found in a second. With `--seeds-only` the seeds must find them, which takes
 * minutes; with `--keep` the first scenario that does is shrunk, and kept.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    'seeds-only': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});

const PROJECT = new URL('../../../', import.meta.url).pathname;
const KEPT = 'test/simulation/kept';
const COPIED = ['src', 'native', 'package.json', 'tsconfig.json', 'test/simulation', 'test/fakes'];
const RUNS = 2_000;

const say = (text: string): void => void process.stdout.write(text);

/** A copy of the sources with one bug in it. */
function plant({ file, text, instead }: Mutation): string {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-mutation-'));
  for (const path of COPIED) cpSync(join(PROJECT, path), join(directory, path), { recursive: true });
  symlinkSync(join(PROJECT, 'node_modules'), join(directory, 'node_modules'));
  const source = readFileSync(join(directory, file), 'utf8');
  if (source.split(text).length !== 2) throw new Error(`${file} does not have this text once:\n${text}`);
  writeFileSync(
    join(directory, file),
    source.replace(text, () => instead),
  );
  return directory;
}

/** What the simulation says of it; undefined where it finds nothing. */
async function hunt(directory: string, { name, runs = RUNS }: Mutation): Promise<string | undefined> {
  const options = [
    ...['--seed', values.seed, '--runs', String(runs), '--enough', '1', '--workers', '1'],
    ...(values['seeds-only'] || values.keep ? ['--seeds-only'] : []),
    ...(values.keep ? ['--keep', keptName(name), '--story', `planted: ${name}`] : ['--no-shrink']),
  ];
  const simulation = spawn(process.execPath, ['--import', 'tsx', 'test/simulation/main.ts', ...options], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  simulation.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const status = await new Promise<number | null>((resolve) => simulation.once('close', resolve));
  return status === 0 ? undefined : said;
}

function keptName(mutation: string): string {
  return `planted-${mutation.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
}

/** Answers whether the simulation finds it. */
async function isCaught(mutation: Mutation): Promise<boolean> {
  const directory = plant(mutation);
  try {
    const found = await hunt(directory, mutation);
    const [kind, where] = found?.split('\n') ?? [];
    say(
      `${mutation.name}: ${found === undefined ? 'NOT CAUGHT\n' : `caught\n  ${kind ?? ''}\n  ${where ?? ''}\n`}`,
    );
    const kept = join(KEPT, `${keptName(mutation.name)}.json`);
    if (values.keep && existsSync(join(directory, kept))) {
      cpSync(join(directory, kept), join(PROJECT, kept));
    }
    return found !== undefined;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const chosen = MUTATIONS.filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
);
const left = [...chosen];
let caught = 0;
const hunters = Array.from({ length: availableParallelism() }, async () => {
  for (let next = left.shift(); next !== undefined; next = left.shift()) {
    if (await isCaught(next)) caught++;
  }
});
await Promise.all(hunters);
say(`${caught} of ${chosen.length} caught\n`);
process.exitCode = caught === chosen.length ? 0 : 1;
