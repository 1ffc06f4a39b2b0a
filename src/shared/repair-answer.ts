import type { RepairRequest } from './repair-request.ts';

const REFUSED = 'not retried: ';

/**
 * What a conductor answers to requests: lines of the event log, written in the transaction that does what they
 * say. Whoever left a request waits for them.
 */
export const REPAIR_ANSWERS = {
  retried: (count: number): string => `${stepsAre(count)} to be run again, by request`,
  notRetried: (why: string): string => `${REFUSED}${why}`,
  cancelled: (waiting: number, running: number): string =>
    `a part cancelled by request: ${waiting} not started, ${running} being ended`,
  paused: 'paused by request: running steps go on, no more are started',
  unpaused: 'goes on by request',
} as const;

const FORMS: Readonly<Record<RepairRequest['kind'], RegExp>> = {
  retry: /^not retried: |^\d+ steps? (?:is|are) to be run again, by request$/,
  'cancel-steps': /^a part cancelled by request: /,
  pause: /^paused by request/,
  unpause: /^goes on by request$/,
};

/** Whether a line of the event log answers a request of this kind. */
export function isAnswerTo(kind: RepairRequest['kind'], why: string): boolean {
  return FORMS[kind].test(why);
}

/** How many steps a retry runs again, by the answer that says so; undefined for one that does not. */
export function retriedCount(answer: string): number | undefined {
  const count = /^(\d+) steps? (?:is|are) to be run again/.exec(answer)?.[1];
  return count === undefined ? undefined : Number(count);
}

/** Why a step was not retried; undefined for an answer that refuses nothing. */
export function refusalOf(answer: string): string | undefined {
  return answer.startsWith(REFUSED) ? answer.slice(REFUSED.length) : undefined;
}

function stepsAre(count: number): string {
  return count === 1 ? '1 step is' : `${count} steps are`;
}
