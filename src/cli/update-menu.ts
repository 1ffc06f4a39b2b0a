import type { LimitsUpdate } from '../shared/control.ts';
import type { Questions } from './ask.ts';
import { print, printAside } from './output.ts';
import { takeOverview } from './snapshot.ts';
import { LIMIT_NAMES, type LimitName, sendUpdate } from './update-study.ts';

const MEANINGS: Readonly<Record<LimitName, string>> = {
  rlimit: 'restarts of a step that timed out, 0: no limit',
  throttle: 'steps in flight at once, 0: no limit',
  sleep: 'seconds between polls of a scheduler',
  attempts: 'tries at a step that fails',
};

/** Lets the user change the limits of a study from a menu. Returns the exit code. */
export async function askForUpdate(argument: string, questions: Questions): Promise<number> {
  const { directory, summary } = takeOverview(argument);
  const { rlimit, throttle, sleeptime, attempts } = summary.limits;
  const now: Readonly<Record<LimitName, number>> = { rlimit, throttle, sleep: sleeptime, attempts };
  const update: { -readonly [Key in keyof LimitsUpdate]: LimitsUpdate[Key] } = {};
  for (;;) {
    const choice = await questions.choose(`Change what of ${directory}?`, [
      ...LIMIT_NAMES.map((name) => ({
        value: name,
        name: `${name}: ${update[name] ?? now[name]} (${MEANINGS[name]})`,
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
    const least = name === 'attempts' ? 1 : 0;
    const number = Number(answer);
    if (/^\d+$/.test(answer) && Number.isSafeInteger(number) && number >= least) return number;
    printAside(`'${answer}' is no whole number from ${least}`);
  }
}
