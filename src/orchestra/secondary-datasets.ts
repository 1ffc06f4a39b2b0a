/** What was read of a text that names secondary datasets: datasets by the words that stand for them, or why not. */
export type SecondaryReading =
  | { readonly ok: true; readonly datasets: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly problem: string };

/** What a word in a command may look like: `REF` or `%REF`. */
const KEY = /^%?[A-Za-z_][A-Za-z0-9_]{0,62}$/;

/** Words that mean something else already. */
const TAKEN: ReadonlySet<string> = new Set(['DATA', 'IN', 'OUT']);

/** More would not fit into any command. */
const MAX_DATASETS = 100;

/** One token of the notation: a quoted text, or a sign. Python's `u'…'` is a plain text. */
const TOKEN = /\s*(?:[uU]?'((?:[^'\\\n]|\\[^\n])*)'|[uU]?"((?:[^"\\\n]|\\[^\n])*)"|([{}:,]))\s*/y;

/**
 * Reads `{'REF': 'user.ada.reference'}`, quoted as Python or JSON do it; nothing at all, `None` and `null` are
 * no datasets. The text is read, never run: all but texts between braces is refused, whatever it says.
 */
export function readSecondaryDatasets(text: string): SecondaryReading {
  if (/^\s*(?:None|null)?\s*$/.test(text)) return { ok: true, datasets: {} };
  const tokens = tokensOf(text);
  return tokens === undefined ? refused : readEntries(tokens);
}

/** Why these datasets cannot be secondary ones, such as a word that means something else; undefined: they can. */
export function secondaryProblem(datasets: Readonly<Record<string, string>>): string | undefined {
  const keys = Object.keys(datasets);
  if (keys.length > MAX_DATASETS) return `a task takes at most ${MAX_DATASETS} secondary datasets`;
  for (const key of keys) {
    if (!KEY.test(key)) return `${JSON.stringify(key)} cannot stand for a dataset; use letters, digits and _`;
    if (TAKEN.has(key.replace(/^%/, '')))
      return `${key} cannot stand for a dataset: it has a meaning already`;
  }
  return undefined;
}

const refused: SecondaryReading = {
  ok: false,
  problem: `secondary datasets must look like {'REF': 'user.<username>.<dataset>'}`,
};

type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'sign'; readonly sign: string };

function tokensOf(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (match === null) return undefined;
    const [, single, double, sign] = match;
    const quoted = single ?? double;
    tokens.push(
      quoted === undefined ? { kind: 'sign', sign: sign! } : { kind: 'text', text: unescaped(quoted) },
    );
  }
  return tokens;
}

function readEntries(tokens: readonly Token[]): SecondaryReading {
  const isSign = (at: number, sign: string): boolean => {
    const token = tokens[at];
    return token?.kind === 'sign' && token.sign === sign;
  };
  const textAt = (at: number): string | undefined => {
    const token = tokens[at];
    return token?.kind === 'text' ? token.text : undefined;
  };
  const datasets = new Map<string, string>();
  const end = tokens.length - 1;
  if (!isSign(0, '{') || end === 0 || !isSign(end, '}')) return refused;
  for (let at = 1; at < end; at += 4) {
    const key = textAt(at);
    const dataset = textAt(at + 2);
    if (key === undefined || !isSign(at + 1, ':') || dataset === undefined) return refused;
    if (at + 3 < end && !isSign(at + 3, ',')) return refused;
    if (datasets.has(key)) return { ok: false, problem: `${JSON.stringify(key)} stands for two datasets` };
    datasets.set(key, dataset);
  }
  const found = Object.fromEntries(datasets);
  const problem = secondaryProblem(found);
  return problem === undefined ? { ok: true, datasets: found } : { ok: false, problem };
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/** The escapes that Python and JSON share; a backslash before anything else stands for what follows it. */
function unescaped(quoted: string): string {
  return quoted.replace(
    /\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))/gsu,
    (_, four: string | undefined, two: string | undefined, letter: string | undefined) =>
      letter === undefined
        ? String.fromCharCode(Number.parseInt(four ?? two!, 16))
        : (ESCAPES[letter] ?? letter),
  );
}
