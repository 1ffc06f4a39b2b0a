import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Bench, runIfMain } from './claim.ts';
import { median, settle, use, withScratch } from './measure.ts';

const STEPS = 10;
const COMBINATIONS = 100_000;
const ROUNDS = 3;
const LIMIT_SECONDS = 30;
const MEMORY_LIMIT = 1.5 * 1024 ** 3;

/** A pipeline of steps over two parameters, each step taking the one before, and a funnel over the last. */
function specification(): string {
  const values = Array.from({ length: COMBINATIONS }, (_, index) => index);
  const steps = Array.from({ length: STEPS }, (_, index) => {
    const depends = index === 0 ? '' : `\n      depends: [stage${index - 1}]`;
    const input = index === 0 ? '' : ` < $(stage${index - 1}.workspace)/out`;
    return `  - name: stage${index}
    description: a stage of the pipeline
    run:
      cmd: ./stage --size $(SIZE) --seed $(SEED)${input} > out${depends}`;
  });
  return `description:
  name: expansion
  description: a long pipeline over many combinations
study:
${steps.join('\n')}
  - name: collect
    description: takes all of them
    run:
      cmd: cat $(stage${STEPS - 1}.workspace)/*/out
      depends: [stage${STEPS - 1}_*]
global.parameters:
  SIZE:
    values: [${values.map((value) => 1 + (value % 1000)).join(', ')}]
    label: SIZE.%%
  SEED:
    values: [${values.join(', ')}]
    label: SEED.%%
`;
}

/** From the specification's text to the store: all that \`maestro run\` does before a conductor starts. */
export const expansion: Bench = {
  work: `expansion of ${(STEPS * COMBINATIONS).toLocaleString('en')} steps recorded in the store`,
  measure: () =>
    withScratch(async ({ directory, env }) => {
      const spec = join(directory, 'expansion.yaml');
      writeFileSync(spec, specification());
      const program = fileURLToPath(new URL('make-study.ts', import.meta.url));
      const rounds = Array.from({ length: ROUNDS }, (_, round) => {
        settle();
        return use([process.execPath, '--import', 'tsx', program, spec, join(directory, `study-${round}`)], {
          env,
        });
      });
      for (const { stdout } of rounds) {
        if (Number(stdout) !== STEPS * COMBINATIONS + 1) throw new Error(`there were ${stdout} steps`);
      }
      const seconds = median(rounds.map((round) => round.seconds));
      const peak = Math.max(...rounds.map((round) => round.peakBytes));
      return [
        {
          what: 'time',
          limit: LIMIT_SECONDS,
          measured: seconds,
          unit: 'seconds',
          detail: `median of ${ROUNDS}`,
        },
        { what: 'memory', limit: MEMORY_LIMIT, measured: peak, unit: 'bytes', detail: 'peak resident set' },
      ];
    }),
};

await runIfMain(import.meta.url, expansion);
