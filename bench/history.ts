import { join } from 'node:path';
import { readEvents } from '../src/shared/state/queries.ts';
import { openStore } from '../src/shared/state/store.ts';
import { type Bench, type Claim, runIfMain } from './claim.ts';
import { inSeconds, MAESTRO, median, type Scratch, type Usage, use, withScratch } from './measure.ts';
import { type Sweep, writeSweep } from './sweep.ts';

const EVENTS = 100_000;
/** Every step leaves three events at least: handed over, begun, ended. One of them fails. */
const SWEEP: Sweep = { name: 'history', cmd: 'test $(N) -ne 7', count: Math.ceil(EVENTS / 3) };
const ROUNDS = 5;
const LIMIT_SECONDS = 1;

/** What is asked of such a study, and what of the answer shows that it is whole. */
const QUESTIONS: readonly { readonly args: readonly string[]; readonly answer: RegExp }[] = [
  { args: ['status'], answer: new RegExp(`step_N\\.${SWEEP.count - 1}\\b`) },
  { args: ['status', '--summary'], answer: /FAILED 1/ },
  { args: ['events'], answer: new RegExp(`(?:.*\\n){${EVENTS}}`) },
  { args: ['explain', 'step_N.7'], answer: /step_N\.7 is FAILED/ },
];

/** Runs the study to its end, in which one step has failed. */
function makeHistory({ directory, env }: Scratch): string {
  const study = join(directory, 'study');
  const spec = writeSweep(directory, SWEEP);
  const run = [process.execPath, MAESTRO, 'run', '-fg', '-y', '-o', study, spec];
  use(['sh', '-c', '"$@" > /dev/null; test $? -eq 2', 'sh', ...run], { env });
  const store = openStore(study);
  const events = [...readEvents(store, 0)].length;
  store.close();
  if (events < EVENTS) throw new Error(`the study has ${events} events`);
  return study;
}

function ask({ env }: Scratch, study: string, { args, answer }: (typeof QUESTIONS)[number]): Claim {
  const [command = '', ...rest] = args;
  const asked: Usage[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const usage = use([process.execPath, MAESTRO, command, study, ...rest], { env });
    if (!answer.test(usage.stdout)) throw new Error(`${args.join(' ')} has not told all`);
    asked.push(usage);
  }
  const seconds = median(asked.map((usage) => usage.seconds));
  const processor = median(asked.map((usage) => usage.processorSeconds));
  const detail = `median of ${ROUNDS}; ${inSeconds(processor)} of processor time`;
  const what = `\`${args.join(' ')}\``;
  return { what, limit: LIMIT_SECONDS, measured: seconds, unit: 'seconds', detail };
}

/** What people ask of a study that has run for a week. */
export const history: Bench = {
  work: `a study with ${EVENTS} events`,
  measure: () =>
    withScratch(async (scratch) => {
      const study = makeHistory(scratch);
      return QUESTIONS.map((question) => ask(scratch, study, question));
    }),
};

await runIfMain(import.meta.url, history);
