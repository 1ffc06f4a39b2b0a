/** How a place in a shell's text is quoted. */
type Quoting = 'bare' | 'single' | 'double';

/** Paths of these characters alone mean the same in every quoting. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]*$/;

/**
 * Puts paths in the place of words of a command for `/bin/sh`, such as `%DATA` or the word of a secondary dataset,
 * in one pass: what was put in is not searched again, and of words that begin alike the longest counts. Paths are
 * quoted as the place where they stand needs it, so that no file name can become a piece of the command.
 */
export function substitute(command: string, paths: ReadonlyMap<string, string>): string {
  if (paths.size === 0) return command;
  let result = '';
  let end = 0;
  let quoting: Quoting = 'bare';
  for (const match of command.matchAll(patternOf([...paths.keys()]))) {
    const between = command.slice(end, match.index);
    quoting = quotingAfter(between, quoting);
    result += between + quoted(paths.get(match[0])!, quoting);
    end = match.index + match[0].length;
  }
  return result + command.slice(end);
}

/** Which of some words stand in a command, found as `substitute` finds them; at least one is to be given. */
export function wordsIn(command: string, words: readonly string[]): ReadonlySet<string> {
  return new Set([...command.matchAll(patternOf(words))].map(([word]) => word));
}

/** The word by which a secondary dataset's key stands in a command: `%KEY` where the command has that, else `KEY`. */
export function wordOfKey(command: string, key: string): string {
  const marked = `%${key}`;
  return key.startsWith('%') || !command.includes(marked) ? key : marked;
}

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

function quoted(path: string, quoting: Quoting): string {
  if (PLAIN.test(path)) return path;
  const inSingle = path.replaceAll("'", `'\\''`);
  if (quoting === 'bare') return `'${inSingle}'`;
  return quoting === 'single' ? inSingle : path.replace(/[\\"$`]/g, '\\$&');
}

function patternOf(words: readonly string[]): RegExp {
  const longestFirst = [...words].sort((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map(escaped).join('|'), 'gu');
}

function escaped(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
