/** A command's complaint on one line. */
export function wordsOf(stderr: string): string {
  return stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('; ');
}

const SILENCE = [
  /lsf is down/i,
  /not responding|still trying/i,
  /cannot connect|unable to (?:contact|reach)/i,
  /communication|connection|timed? ?out|no route/i,
  /lim configuration|lsf library call/i,
] as const;

/** Whether these words are those of nobody who answers: they leave open what became of a request. */
export function isSilence(words: string): boolean {
  return words === '' || SILENCE.some((pattern) => pattern.test(words));
}

const UNKNOWN_JOB = /^Job <[^>]+> is not found$|^No (?:unfinished )?job found$/;

/** Whether all that bjobs complains of is jobs that it does not know: then it has answered. */
export function saysOnlyUnknown(stderr: string): boolean {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 0 && lines.every((line) => UNKNOWN_JOB.test(line.trim()));
}
