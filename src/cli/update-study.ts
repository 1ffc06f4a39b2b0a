import { type LimitsUpdate, requestUpdate } from '../shared/control.ts';
import { UserError } from '../shared/errors.ts';
import { quoteForShell } from '../shared/quote-for-shell.ts';
import { readBatchType } from '../shared/state/queries.ts';
import { readStudyAt } from '../shared/status/snapshot.ts';
import { print } from './output.ts';

/** The limits that can be changed while a study runs, by the names of the options and of the lock file. */
export const LIMIT_NAMES = ['rlimit', 'throttle', 'sleep', 'attempts', 'cores', 'gpus'] as const;

/** One of the limits that can be changed while a study runs. */
export type LimitName = (typeof LIMIT_NAMES)[number];

/** Those that are of no meaning where a scheduler hands out the machines. */
export const LOCAL_LIMITS: readonly LimitName[] = ['cores', 'gpus'];

/** Values as options gave them: none, one for all studies, or one for each. */
export type LimitValues = Readonly<Partial<Record<LimitName, readonly number[] | undefined>>>;

/**
 * The update of each of `count` studies; undefined where no option was given. Throws a UserError where an
 * option has neither one value nor one for each study.
 */
export function updatesFor(count: number, values: LimitValues): LimitsUpdate[] | undefined {
  const given = LIMIT_NAMES.flatMap((name) =>
    values[name] === undefined ? [] : [[name, values[name]] as const],
  );
  if (given.length === 0) return undefined;
  for (const [name, list] of given) {
    if (list.length === 1 || list.length === count) continue;
    throw new UserError(
      `--${name} is given ${list.length} times for ${count} ${count === 1 ? 'study' : 'studies'}`,
      'give it once, or once for each study',
    );
  }
  return Array.from({ length: count }, (_, index) =>
    Object.fromEntries(given.map(([name, list]) => [name, list.length === 1 ? list[0] : list[index]])),
  );
}

/** Asks a study's conductor for other limits. Returns the exit code: an ended study has none to change. */
export function sendUpdate(argument: string, update: LimitsUpdate): number {
  const { directory, summary, leaseState, batchType } = readStudyAt(argument, (store, overview) => {
    return { ...overview(), batchType: readBatchType(store) };
  });
  if (summary.outcome !== undefined) {
    throw new UserError(`${directory} has ended (${summary.outcome})`, 'there is nothing to update');
  }
  const idle = LOCAL_LIMITS.filter((name) => update[name] !== undefined);
  if (batchType !== 'local' && idle.length > 0) {
    throw new UserError(
      `${directory} runs on ${batchType}, which hands out cores and gpus itself`,
      `leave ${idle.map((name) => `--${name}`).join(' and ')} out; --throttle limits how many steps are in flight`,
    );
  }
  requestUpdate(directory, update);
  const text = LIMIT_NAMES.filter((name) => update[name] !== undefined).map(
    (name) => `${name} ${update[name]}`,
  );
  const when = leaseState === 'live' ? '' : `, once \`maestro resume ${quoteForShell(directory)}\` goes on`;
  print(`${directory}: ${text.join(', ')}${when}`);
  return 0;
}
