import { isTriedAgain } from '../../shared/retry-policy.ts';
import type { Retry } from '../../shared/spec/specification.ts';
import { grouped } from '../render/overview.ts';
import type { StepFacts } from './facts.ts';

/** Why a step that did not finish is not tried any more. */
export function blameSentences(facts: StepFacts, isBlameless: boolean): string[] {
  const { last, culprits, state } = facts;
  if (!isBlameless) {
    const then = last === undefined || isToldByAttempt(facts) ? [] : [`Then: ${last.why}.`];
    return [...then, ...retrySentences(facts)];
  }
  if (culprits.total === 0) {
    return [`It ${state === 'CANCELLED' ? 'was cancelled' : 'failed'} before it was started: ${last!.why}.`];
  }
  const shown = culprits.shown.map(({ name, state: of, why }) => `${name} is ${of} (${why})`);
  const more = culprits.total - shown.length;
  const list = [...shown, ...(more > 0 ? [`and ${grouped(more)} more`] : [])].join(', ');
  return [`It was not started, because what it depends on did not finish: ${list}.`];
}

/** Why a step that says when it is tried again is not tried again. */
export function retrySentences({ retry, attempts, state }: StepFacts): string[] {
  const newest = attempts.at(-1);
  if (retry === undefined || state === 'CANCELLED') return [];
  if (newest?.outcome !== 'FAILED' && newest?.outcome !== 'TIMEDOUT' && newest?.outcome !== 'HWFAILURE')
    return [];
  const { outcome, exitCode, signal } = newest;
  const exit = exitCode !== null ? { code: exitCode } : signal !== null ? { signal } : undefined;
  if (isTriedAgain(retry, outcome, exit)) {
    const { attempts: tries } = retry;
    if (tries === undefined) return ['The limit of tries (attempts) is reached.'];
    return [`Its retry allows ${tries === 1 ? 'one try' : `${tries} tries`} and no more.`];
  }
  return [`Its retry is for ${listText(retry.on ?? ['FAILED'])}, so it is not tried again.`];
}

/** `TIMEDOUT, exit code 75`. */
function listText(ends: NonNullable<Retry['on']>): string {
  return ends.map((end) => (typeof end === 'number' ? `exit code ${end}` : end)).join(', ');
}

/** The end of the newest attempt is the end of the step: nothing was decided after it. */
function isToldByAttempt({ attempts, last }: StepFacts): boolean {
  return attempts.at(-1)?.why === last?.why;
}
