/** A command's complaint on one line. */
export function wordsOf(stderr: string): string {
  return stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('; ');
}

/** What bsub says of every submission that certainly came to nothing, whatever the reason. */
const NOT_SUBMITTED = /job not submitted/i;

const SILENCE =
  /lsf is down|not responding|still trying|cannot connect|communication|lim configuration|lsf library call|timed? ?out|connection|no route|unable to (?:contact|reach)/i;

/** Whether these words leave open what became of a request. */
export function isSilence(words: string): boolean {
  return words === '' || (SILENCE.test(words) && !NOT_SUBMITTED.test(words));
}

/** Whether a submission failed for want of an answer, but certainly failed. */
export function isOutOfReach(words: string): boolean {
  return SILENCE.test(words) && NOT_SUBMITTED.test(words);
}

const UNKNOWN_JOB = /^Job <[^>]+> is not found$|^No (?:unfinished )?job found$/;

/** Whether all that bjobs complains of is jobs that it does not know: then it has answered. */
export function saysOnlyUnknown(stderr: string): boolean {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 0 && lines.every((line) => UNKNOWN_JOB.test(line.trim()));
}
