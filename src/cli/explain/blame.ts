import { grouped } from '../render/overview.ts';
import type { StepFacts } from './facts.ts';

/** Why a step that did not finish is not tried any more. */
export function blameSentences(facts: StepFacts, isBlameless: boolean): string[] {
  const { last, culprits, state } = facts;
  if (!isBlameless) return last === undefined || isToldByAttempt(facts) ? [] : [`Then: ${last.why}.`];
  if (culprits.total === 0) {
    return [`It ${state === 'CANCELLED' ? 'was cancelled' : 'failed'} before it was started: ${last!.why}.`];
  }
  const shown = culprits.shown.map(({ name, state: of, why }) => `${name} is ${of} (${why})`);
  const more = culprits.total - shown.length;
  const list = [...shown, ...(more > 0 ? [`and ${grouped(more)} more`] : [])].join(', ');
  return [`It was not started, because what it depends on did not finish: ${list}.`];
}

/** The end of the newest attempt is the end of the step: nothing was decided after it. */
function isToldByAttempt({ attempts, last }: StepFacts): boolean {
  return attempts.at(-1)?.why === last?.why;
}
