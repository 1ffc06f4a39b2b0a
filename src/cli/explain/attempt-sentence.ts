import { clockText, momentText, spanText } from '../render/duration.ts';
import { endingWords } from './ending-words.ts';
import type { AttemptStory, StepFacts } from './facts.ts';

/** How an attempt that has ended went, in a sentence. */
export function attemptSentence(
  attempt: AttemptStory,
  { now, isScheduled }: Pick<StepFacts, 'now' | 'isScheduled'>,
): string {
  const { number, why = 'nobody has said why', outcome, walltimeMs } = attempt;
  const when = whenText(attempt, now);
  const said = isScheduled ? ` (the scheduler: ${why})` : '';
  switch (outcome) {
    case 'FINISHED':
      return `Attempt ${number} finished${when}.`;
    case 'TIMEDOUT': {
      const limit = walltimeMs === undefined ? 'its walltime' : `its walltime of ${clockText(walltimeMs)}`;
      return `Attempt ${number} reached ${limit} and was ended${when}${said}.`;
    }
    case 'CANCELLED':
      return `Attempt ${number} was cancelled${when}${said}.`;
    case 'HWFAILURE':
      return `Attempt ${number} was lost${when}, by no fault of its own: ${why}.`;
    case 'DROPPED':
      return `Attempt ${number} was never started, which counts for nothing: ${why}.`;
    case 'UNKNOWN':
      return `How attempt ${number} ended is unknown: ${why}. It may have done its work, so it is not run again unasked.`;
    default: {
      const words = endingWords(attempt);
      if (attempt.startedAt === null) return `Attempt ${number} did not start: ${why}.`;
      return words === undefined
        ? `Attempt ${number} failed${when}: ${why}.`
        : `Attempt ${number} failed${when}: ${words}${said}.`;
    }
  }
}

/** What an attempt used of the machine; undefined where nobody has measured it. */
export function usageSentence({ maxRssKib, userMs, systemMs }: AttemptStory): string | undefined {
  if (maxRssKib === null) return undefined;
  const cpu = spanText((userMs ?? 0) + (systemMs ?? 0));
  return `It used up to ${sizeText(maxRssKib)} of memory and ${cpu} of CPU time.`;
}

/** Which script ran, where it was not the usual one. */
function whenText({ startedAt, endedAt, script }: AttemptStory, now: number): string {
  const at = endedAt === null ? '' : ` at ${momentText(endedAt, now)}`;
  const after = startedAt === null || endedAt === null ? '' : ` after ${spanText(endedAt - startedAt)}`;
  return `${at}${after}${script === 'restart' ? ' of its restart script' : ''}`;
}

function sizeText(kib: number): string {
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let [value, unit] = [kib, 0];
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
