import type { YAMLError } from 'yaml';

/** Something wrong at an offset of a file's text, before it is known which line that is. */
export interface Problem {
  readonly offset: number;
  readonly message: string;
  readonly mend: string;
}

type Wording = readonly [message: string, mend: string];

const UNCLOSED: Wording = ['a bracket or brace opened above is not closed', 'close it with ] or }'];

/** The parser's errors in words that a scientist need not look up. */
const WORDINGS: Readonly<Partial<Record<YAMLError['code'], Wording>>> = {
  BAD_ALIAS: ['this alias has no usable name', 'write *name, or put text that begins with * in quotes'],
  BAD_DQ_ESCAPE: [
    'text in double quotes holds an unknown escape',
    'write \\\\ for a backslash, or use single quotes',
  ],
  BAD_INDENT: ['this line is indented differently from its siblings', 'line it up with them'],
  BLOCK_AS_IMPLICIT_KEY: [
    "this value holds a second 'key: value'",
    'put it in quotes if it is text, or begin the nested keys on a line of their own',
  ],
  BLOCK_IN_FLOW: ['an indented block stands inside [ ] or { }', 'write it with brackets or braces too'],
  KEY_OVER_1024_CHARS: ['this key is longer than 1024 characters', 'shorten it'],
  MISSING_CHAR: ['a character is missing here', 'close the quote or bracket, or end the key with a colon'],
  MULTILINE_IMPLICIT_KEY: ['this key goes on over several lines', "check for a missing ':' or closing quote"],
  MULTIPLE_ANCHORS: ['a value has two anchors', 'keep one'],
  MULTIPLE_TAGS: ['a value has two tags', 'keep one'],
  RESOURCE_EXHAUSTION: ['the file is nested too deeply', 'flatten it'],
  TAB_AS_INDENT: ['a tab indents this line', 'indent with spaces'],
};

/**
 * The problems worth telling of a text that is no YAML: the first, since what follows is mostly its
 * consequence, and the first tab, since tabs have a cause of their own.
 */
export function syntaxProblems(errors: readonly YAMLError[]): Problem[] {
  const tab = errors.find((error) => error.code === 'TAB_AS_INDENT');
  const tooDeep = errors.find((error) => error.code === 'RESOURCE_EXHAUSTION');
  const other = errors.find((error) => error.code !== 'TAB_AS_INDENT');
  const unclosed = other?.code === 'MULTILINE_IMPLICIT_KEY' ? errors.find(isUnclosed) : undefined;
  const first = tooDeep ?? unclosed ?? other;
  return [tab, first].filter((error) => error !== undefined).map(describe);
}

/** A bracket that is still open swallows the lines below it, which then look like one long key. */
const isUnclosed = (error: YAMLError): boolean =>
  (error.code === 'BAD_INDENT' || error.code === 'MISSING_CHAR') && error.message.startsWith('Flow');

function describe(error: YAMLError): Problem {
  const [message, mend] = wording(error);
  return { offset: error.pos[0], message, mend };
}

function wording(error: YAMLError): Wording {
  if (isUnclosed(error)) return UNCLOSED;
  if (error.code === 'MISSING_CHAR') {
    if (error.message.includes('quote')) return ['a quote opened above is not closed', 'close it'];
    if (error.message.includes('map values'))
      return ["this key has no ':' after it", "add ': ' and its value"];
  }
  if (error.code === 'BAD_SCALAR_START') {
    return [`text cannot begin with ${error.message.at(-1)} unless it is quoted`, 'put the text in quotes'];
  }
  const known = WORDINGS[error.code];
  if (known !== undefined) return known;
  return ['this is not YAML', 'check the quotes, brackets and indentation here and on the line above'];
}
