/** A command line, taken apart enough to be started: the version alone, or words for the parser. */
export type CommandLine =
  | { readonly kind: 'version' }
  | { readonly kind: 'command'; readonly argv: readonly string[] };

/** Options that may stand before the command, by whether a value follows them. */
const LEADING_VALUE = /^(?:-c*[ld]|--logpath|--debug_lvl)$/;
const LEADING_ALONE = /^(?:-c*[ld].+|-c+|--logpath=.*|--debug_lvl=.*|--logstdout)$/s;

/**
 * Rewrites the words after the program's name into what the parser understands: options before the command
 * (`maestro -d 1 run study.yaml`) move behind it, and run's `-fg` becomes `--fg`. Nothing behind a `--` is
 * touched.
 */
export function parseCommandLine(words: readonly string[]): CommandLine {
  const leading: string[] = [];
  let rest = words;
  for (;;) {
    const [word, value] = rest;
    if (word === undefined) break;
    if (word === '-v' || word === '--version') return { kind: 'version' };
    const length = LEADING_VALUE.test(word) && value !== undefined ? 2 : LEADING_ALONE.test(word) ? 1 : 0;
    if (length === 0) break;
    leading.push(...rest.slice(0, length));
    rest = rest.slice(length);
  }
  const [command, ...others] = rest;
  if (command === undefined || command.startsWith('-')) return { kind: 'command', argv: words };
  return {
    kind: 'command',
    argv: [command, ...leading, ...(command === 'run' ? spellOutForeground(others) : others)],
  };
}

/** The parser would read `-fg` as `-f -g`. */
function spellOutForeground(words: readonly string[]): string[] {
  const end = words.includes('--') ? words.indexOf('--') : words.length;
  return words.map((word, index) => (index < end && word === '-fg' ? '--fg' : word));
}
