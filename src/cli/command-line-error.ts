import { stripVTControlCharacters } from 'node:util';
import { UserError } from '../shared/errors.ts';
import { didYouMean } from '../shared/spec/suggest.ts';

/** The parts of the parser's errors that tell what was wrong on the command line. */
export interface ParserError extends Error {
  readonly oclif?: { readonly exit?: number | false };
  /** Options that there are not, as they were given. */
  readonly flags?: readonly string[];
  /** Arguments that are missing. */
  readonly args?: readonly unknown[];
  readonly parse?: { readonly input?: { readonly flags?: Readonly<Record<string, unknown>> } };
}

const HELP = '--help shows what there is';

/** One of the parser's errors in the words of all others: what is wrong, then the mend. */
export function explainParserError(error: ParserError): UserError {
  if (error.flags !== undefined)
    return unknownOptions(error.flags, Object.keys(error.parse?.input?.flags ?? {}));
  const missing = (error.args ?? []).filter((arg): arg is { name: string } => typeof arg === 'object');
  if (missing.length > 0) {
    return new UserError(`${missing.map(({ name }) => name.toUpperCase()).join(' and ')} is missing`, HELP);
  }
  const text = stripVTControlCharacters(error.message)
    .replace(/\n*See more help with --help/, '')
    .replace(/^Parsing (--\S+)\s+/, '$1: ')
    .replace(/^The following errors? occurred:\s*/, '')
    .replace(/\s*\n\s*/g, '; ')
    .trim();
  return new UserError(text, HELP);
}

function unknownOptions(given: readonly string[], known: readonly string[]): UserError {
  const near = given.length === 1 ? didYouMean(given[0]!.replace(/^-+/, ''), known) : undefined;
  const message =
    given.length === 1 ? `there is no option ${given[0]}` : `there are no options ${given.join(', ')}`;
  return new UserError(message, near === undefined ? HELP : `did you mean --${near}?`);
}
