const SPEAKER = /^q(?:sub|stat|del|select): /;

/** A command's complaint on one line, without the command's name at the head of each. */
export function wordsOf(stderr: string): string {
  return stderr
    .split('\n')
    .map((line) => line.replace(SPEAKER, '').trim())
    .filter((line) => line !== '')
    .join('; ');
}

const SILENCE = [
  /cannot connect|unknown host/i,
  /communication|connection|timed? ?out|no route|not responding/i,
  /end of file|protocol|premature|expired/i,
  /server (?:is )?(?:busy|shutting down)/i,
] as const;

/** Whether these words are those of nobody who answers: they leave open what became of a request. */
export function isSilence(words: string): boolean {
  return words === '' || SILENCE.some((pattern) => pattern.test(words));
}

const NO_HISTORY = /not configured to maintain job history/i;

/** Whether the server keeps no ended jobs, and refuses to be asked for them. */
export function saysNoHistory(words: string): boolean {
  return NO_HISTORY.test(words);
}

const UNKNOWN_JOB = /unknown job ?id|has finished|unknown queue destination/i;

/** Whether all that qstat complains of is jobs that it does not know: then it has answered. */
export function saysOnlyUnknown(stderr: string): boolean {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 0 && lines.every((line) => UNKNOWN_JOB.test(line));
}
