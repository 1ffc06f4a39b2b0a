import { type LimitsUpdate, UPDATE_KEYS } from '../shared/control.ts';
import { readBatchType } from '../shared/state/queries.ts';
import { readStudyAt } from '../shared/status/snapshot.ts';
import type { Questions } from './ask.ts';
import { print, printAside } from './output.ts';
import { LIMIT_NAMES, type LimitName, LOCAL_LIMITS, sendUpdate } from './update-study.ts';

const MEANINGS: Readonly<Record<LimitName, string>> = {
  rlimit: 'restarts of a step that timed out, 0: no limit',
  throttle: 'steps in flight at once, 0: no limit',
  sleep: 'seconds between polls of a scheduler',
  attempts: 'tries at a step that fails and whose specification does not say',
  cores: 'cores of this machine that steps use together, 0: no more are started',
  gpus: 'GPUs of this machine that steps use together',
};

/** Lets the user change the limits of a study from a menu. Returns the exit code. */
export async function askForUpdate(argument: string, questions: Questions): Promise<number> {
  const { directory, summary, isLocal } = readStudyAt(argument, (store, overview) => {
    return { ...overview(), isLocal: readBatchType(store) === 'local' };
  });
  const { sleeptime: sleep, ...limits } = summary.limits;
  const now: Readonly<Partial<Record<LimitName, number>>> = { sleep, ...limits };
  const names = LIMIT_NAMES.filter((name) => isLocal || !LOCAL_LIMITS.includes(name));
  const update: { -readonly [Key in keyof LimitsUpdate]: LimitsUpdate[Key] } = {};
  for (;;) {
    const choice = await questions.choose(`Change what of ${directory}?`, [
      ...names.map((name) => ({
        value: name,
        name: `${name}: ${update[name] ?? now[name] ?? 'as specified'} (${MEANINGS[name]})`,
      })),
      { value: 'done' as const, name: 'done: send the changes' },
      { value: 'quit' as const, name: 'quit: change nothing' },
    ]);
    if (choice === 'quit') return 0;
    if (choice !== 'done') update[choice] = await askForNumber(choice, questions);
    else if (Object.keys(update).length > 0) return sendUpdate(directory, update);
    else {
      print(`${directory}: nothing to change`);
      return 0;
    }
  }
}

async function askForNumber(name: LimitName, questions: Questions): Promise<number> {
  for (;;) {
    const answer = (await questions.line(`${name}, ${MEANINGS[name]}:`)).trim();
    const least = UPDATE_KEYS[name];
    const number = Number(answer);
    if (/^\d+$/.test(answer) && Number.isSafeInteger(number) && number >= least) return number;
    printAside(`'${answer}' is no whole number from ${least}`);
  }
}
