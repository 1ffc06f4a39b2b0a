import fc from 'fast-check';

/** Where names would like to write: outside of any study, and known to whoever looks afterwards. */
export const ESCAPED = '/maestro-fuzz-escaped';

/** Names that have broken, or could break, a path, a line, a quotation or a table. */
const NAMES = [
  '',
  ' ',
  '.',
  '..',
  '...',
  '~',
  '-rf',
  '--help',
  '#',
  '*',
  '../escaped',
  '../../escaped',
  'a/../../../escaped',
  ESCAPED,
  `${ESCAPED}/deep`,
  'a/b',
  'a\\b',
  'a b',
  'a_b',
  'A_B',
  'a.b',
  'line\nbreak',
  'line\r\n#SBATCH --wrap="touch escaped"\n',
  '\n#BSUB -o /dev/null\ntouch ../escaped\n',
  'tab\tbed',
  'nul\0byte',
  '\u2028',
  '\u202eevil',
  '🧪',
  '🧪'.repeat(80),
  'é',
  'e\u0301',
  '\ud800',
  'x'.repeat(300),
  'é'.repeat(200),
  '$(touch escaped)',
  '`touch escaped`',
  "'; touch escaped; '",
  '"; touch escaped; "',
  '${HOME}',
  '$(WORKSPACE)',
  '$(A)',
  '%%',
  '%s%n',
  'logs',
  'Logs',
  'meta',
  'META',
  'status.csv',
  '.maestro',
  '.cancel.lock',
  '_source',
  'CON',
  '__proto__',
  'constructor',
  'null',
  '0',
  '1e999',
  '<<',
] as const;

/** A name that nobody in their right mind gives, and that somebody will. */
export const hostileName: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NAMES) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
);

/** A name that is fine, or one that is not. */
export const anyName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('run', 'Run', 'RUN', 'run_1', 'build', 'post', 'a', 'b'),
  hostileName,
);

/** One thing done to a text: a piece of it cut, doubled, moved, or replaced by something else. */
type Edit = (text: string, at: number, length: number) => string;

const EDITS: readonly Edit[] = [
  (text, at, length) => text.slice(0, at) + text.slice(at + length),
  (text, at, length) => text.slice(0, at + length) + text.slice(at),
  (text, at) => text.slice(0, at),
  (text, at, length) => text.slice(at, at + length) + text.slice(0, at) + text.slice(at + length),
  (text, at) => text.slice(0, at) + text.charAt(at).toUpperCase().repeat(3) + text.slice(at + 1),
];

const LINE_EDITS: readonly ((lines: readonly string[], at: number, other: number) => string[])[] = [
  (lines, at) => lines.filter((_, index) => index !== at),
  (lines, at) => lines.flatMap((line, index) => (index === at ? [line, line] : [line])),
  (lines, at, other) => lines.map((line, index) => (index === at ? (lines[other] ?? '') : line)),
  (lines, at) => lines.map((line, index) => (index === at ? `  ${line}` : line)),
  (lines, at) => lines.map((line, index) => (index === at ? line.trimStart() : line)),
];

const SCRAPS = [
  '\0',
  '\t',
  '\r',
  '{',
  '}',
  '[',
  ']',
  '|',
  ':',
  '- ',
  '&a ',
  '*a',
  '!!',
  '"',
  "'",
  '|',
  '9'.repeat(40),
  '-1',
  'null',
  '$(',
  '\n---\n',
  '%',
];

/** A text as it comes out of a few accidents. */
export function mutated(texts: readonly string[]): fc.Arbitrary<string> {
  const accident = fc.record({
    kind: fc.nat({ max: EDITS.length + LINE_EDITS.length }),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    other: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    scrap: fc.oneof(fc.constantFrom(...SCRAPS), hostileName),
  });
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(accident, { minLength: 1, maxLength: 5 }))
    .map(([text, accidents]) =>
      accidents.reduce((before, { kind, at, other, scrap }) => {
        const position = Math.floor(at * (before.length + 1));
        if (kind < EDITS.length) return EDITS[kind]!(before, position, Math.floor(other * 80));
        if (kind === EDITS.length + LINE_EDITS.length)
          return before.slice(0, position) + scrap + before.slice(position);
        const lines = before.split('\n');
        const edit = LINE_EDITS[kind - EDITS.length]!;
        return edit(lines, Math.floor(at * lines.length), Math.floor(other * lines.length)).join('\n');
      }, text),
    );
}
