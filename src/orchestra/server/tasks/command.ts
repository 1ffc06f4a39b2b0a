import { splitAtWords } from '../quoting.ts';

export { substitute } from '../quoting.ts';

/** Which of some words stand in a command, found as `substitute` finds them. */
export function wordsIn(command: string, words: readonly string[]): ReadonlySet<string> {
  return new Set(
    splitAtWords(command, words).flatMap((piece) => (piece.kind === 'word' ? [piece.word] : [])),
  );
}

/** The word by which a secondary dataset's key stands in a command: `%KEY` where the command has that, else `KEY`. */
export function wordOfKey(command: string, key: string): string {
  const marked = `%${key}`;
  return key.startsWith('%') || !command.includes(marked) ? key : marked;
}
