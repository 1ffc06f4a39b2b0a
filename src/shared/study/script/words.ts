const ELLIPSIS = '…';
const UTF8 = new TextEncoder();
const CONTROL = /\p{Cc}/gu;
const QUOTE_OR_BACKSLASH = /["\\]/g;
/** Means nothing but itself to every shell and scheduler. */
const PLAIN_WORD = /^[\w.,:@%+=/-]+$/;
const SINGLE_QUOTE = /'/g;

/** One line of any text: newlines, tabs and other control characters become spaces. */
export function oneLine(text: string): string {
  return text.replace(CONTROL, ' ');
}

/**
 * A text in double quotes for a scheduler's directive line. sbatch takes a backslash for an escape, inside
 * quotes too, and refuses the whole script over an unmatched quote.
 */
export function quoted(text: string): string {
  return `"${oneLine(text).replace(QUOTE_OR_BACKSLASH, '\\$&')}"`;
}

/** A text as one word of a directive line, in quotes only where it needs them. */
export function directiveWord(text: string): string {
  return PLAIN_WORD.test(text) ? text : quoted(text);
}

/** A text as one word of a shell command, in quotes only where it needs them. */
export function shellWord(text: string): string {
  return PLAIN_WORD.test(text) ? text : `'${text.replace(SINGLE_QUOTE, `'\\''`)}'`;
}

/** A text of no more bytes than that, cut between characters and marked as cut. */
export function truncated(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const room = new Uint8Array(bytes - Buffer.byteLength(ELLIPSIS));
  return text.slice(0, UTF8.encodeInto(text, room).read) + ELLIPSIS;
}
