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

const UNREACHED = /unable to connect to flux|flux_open|broker socket/i;

/** Whether these words say that no instance was reached: then nothing has been asked of it. */
export function isUnreached(words: string): boolean {
  return UNREACHED.test(words);
}

const SILENCE =
  /connection|broken pipe|timed? ?out|host is unreachable|no route to host|function not implemented/i;

/** Whether these words leave open what became of a request. */
export function isSilence(words: string): boolean {
  return words === '' || isUnreached(words) || SILENCE.test(words);
}
