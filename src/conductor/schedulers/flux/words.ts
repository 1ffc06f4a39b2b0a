/** What Flux's commands put before a complaint. */
const SPEAKER = /^flux(?:-[a-z]+)?: (?:ERROR: )?|^\[Errno \d+\] /;

/** A command's complaint on one line, without the command's name at its head. */
export function wordsOf(stderr: string): string {
  return stderr
    .split('\n')
    .map((line) => line.replace(SPEAKER, '').replace(SPEAKER, '').trim())
    .filter((line) => line !== '')
    .join('; ');
}

const SILENCE = [
  /unable to connect to flux/i,
  /flux_open/,
  /connection|broken pipe|timed? ?out/i,
  /host is unreachable|no route to host/i,
  /function not implemented/i,
] as const;

/** Whether these words are those of nobody who answers: they leave open what became of a request. */
export function isSilence(words: string): boolean {
  return words === '' || SILENCE.some((pattern) => pattern.test(words));
}
