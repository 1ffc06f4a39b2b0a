/** How a place in a shell's text is quoted. */
export type Quoting = 'bare' | 'single' | 'double';

/** Paths of these characters alone mean the same in every quoting. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]*$/;

/** How the shell quotes what follows a piece of text that begins in some quoting. */
function quotingAfter(text: string, before: Quoting): Quoting {
  let quoting = before;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoting === 'single') {
      if (character === "'") quoting = 'bare';
    } else if (character === '\\') at++;
    else if (character === '"') quoting = quoting === 'double' ? 'bare' : 'double';
    else if (character === "'" && quoting === 'bare') quoting = 'single';
  }
  return quoting;
}

/** A path as it must be written at a place of that quoting, so that it can become no piece of the command. */
export function quoteAs(path: string, quoting: Quoting): string {
  if (PLAIN.test(path)) return path;
  const inSingle = path.replaceAll("'", `'\\''`);
  if (quoting === 'bare') return `'${inSingle}'`;
  return quoting === 'single' ? inSingle : path.replace(/[\\"$`]/g, '\\$&');
}

/** A piece of a command: text as it is, or a word that a path is to take the place of, with how it is quoted there. */
export type CommandPiece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'word'; readonly word: string; readonly quoting: Quoting };

/** Cuts a command for `/bin/sh` at some words; of words that begin alike the longest counts. */
export function splitAtWords(command: string, words: readonly string[]): CommandPiece[] {
  const pieces: CommandPiece[] = [];
  let end = 0;
  let quoting: Quoting = 'bare';
  if (words.length > 0) {
    const longestFirst = [...words].sort((a, b) => b.length - a.length);
    for (const match of command.matchAll(new RegExp(longestFirst.map(escaped).join('|'), 'gu'))) {
      const text = command.slice(end, match.index);
      quoting = quotingAfter(text, quoting);
      pieces.push({ kind: 'text', text }, { kind: 'word', word: match[0], quoting });
      end = match.index + match[0].length;
    }
  }
  pieces.push({ kind: 'text', text: command.slice(end) });
  return pieces;
}

/**
 * Puts paths in the place of words of a command for `/bin/sh`, such as `%DATA` or the word of a secondary dataset,
 * in one pass: what was put in is not searched again. Paths are quoted as the place where they stand needs it, as
 * far as quotation marks and backslashes tell: inside `$(…)` within double quotes, comments and here-documents a strange
 * name may still become a piece of the command, which is its own user's.
 */
export function substitute(command: string, paths: ReadonlyMap<string, string>): string {
  return splitAtWords(command, [...paths.keys()])
    .map((piece) => (piece.kind === 'text' ? piece.text : quoteAs(paths.get(piece.word)!, piece.quoting)))
    .join('');
}

function escaped(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
