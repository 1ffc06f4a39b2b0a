import { formatLocation, UserError } from '../errors.ts';
import type { Parameter } from '../spec/specification.ts';
import { suggestOr } from '../spec/suggest.ts';
import type { Failure, Frame, RawParameter, Reply } from './generator-reply.ts';

/** How many lines of the generator's own calls are shown with its failure, innermost last. */
const SHOWN_FRAMES = 4;

/** A parameter, wherever it comes from. */
type Given = Omit<RawParameter, 'at'>;

/** An error at a line of the generator. */
type Complaint = (message: string, mend: string) => UserError;

/**
 * The parameters that a generator has given, checked as those of a specification are: lists of one length, none of
 * them empty, labels that tell values apart, no name that the environment (`taken`) has already. Throws a UserError
 * that names the generator's line.
 */
export function parametersOf(reply: Reply, file: string, taken: ReadonlySet<string>): Parameter[] {
  if ('failure' in reply) throw failureError(reply.failure, file);
  if (reply.parameters.length === 0) {
    throw complaintAt(file, 1)('the generator adds no parameter', 'add one for each thing that varies');
  }
  return check(reply.parameters, taken, ({ at }) => complaintAt(at?.file ?? file, at?.line ?? 1));
}

/**
 * Parameters that a program gives in place of the specification's own, checked as those of a generator are. Throws
 * a UserError.
 */
export function parametersGiven(given: readonly Given[], taken: ReadonlySet<string>): Parameter[] {
  if (given.length === 0) throw new UserError('no parameter is given', 'give one for each thing that varies');
  return check(given, taken, () => (message, mend) => new UserError(message, mend));
}

function check<Raw extends Given>(
  parameters: readonly Raw[],
  taken: ReadonlySet<string>,
  complaintOf: (raw: Raw) => Complaint,
): Parameter[] {
  const first = parameters[0]!;
  return parameters.map((raw) => {
    const complain = complaintOf(raw);
    checkKey(raw.key, taken, complain);
    checkValues(raw, first, complain);
    const labels = labelsOf(raw, complain);
    checkLabels(raw, labels, complain);
    return { key: raw.key, name: raw.name, values: raw.values, labels };
  });
}

/** A label's texts, value by value: `%%` stands for the value, each time that it occurs. */
function labelsOf({ key, label, values }: Given, complain: Complaint): string[] {
  if (typeof label === 'string') return values.map((value) => label.split('%%').join(value));
  if (label.length !== values.length) {
    throw complain(
      `parameter ${key} has ${values.length} values and ${label.length} labels`,
      'give one label for each value',
    );
  }
  return [...label];
}

function checkKey(key: string, taken: ReadonlySet<string>, complain: Complaint): void {
  if (!/^[^\s$()]+$/.test(key)) {
    throw complain(
      `"${key}" cannot be a parameter's name`,
      'use a name without white space, parentheses and $',
    );
  }
  if (taken.has(key)) {
    throw complain(`parameter ${key} has the name of an entry of env`, 'give one of the two another name');
  }
}

function checkValues(raw: Given, first: Given, complain: Complaint): void {
  if (raw.values.length === 0) {
    throw complain(`parameter ${raw.key} has no values`, 'give it one value for each combination');
  }
  if (raw.values.length !== first.values.length) {
    throw complain(
      `parameter ${raw.key} has ${raw.values.length} values, ${first.key} has ${first.values.length}`,
      'give all parameters as many values as there are combinations',
    );
  }
}

/**
 * In a list, a label may come again with its value (a sweep over two parameters repeats both), but may not stand for
 * two values: all but one of their combinations would be lost.
 */
function checkLabels({ key, label, values }: Given, labels: string[], complain: Complaint): void {
  if (typeof label === 'string') return;
  const valueFor = new Map<string, string>();
  for (const [index, text] of labels.entries()) {
    const value = values[index] ?? '';
    const other = valueFor.get(text);
    if (other !== undefined && other !== value) {
      throw complain(
        `parameter ${key} has the label "${text}" for two values, ${other} and ${value}`,
        'give different values different labels',
      );
    }
    valueFor.set(text, value);
  }
}

function failureError(failure: Failure, file: string): UserError {
  switch (failure.kind) {
    case 'no function':
      return complaintAt(file, 1)(
        `the generator has no function ${failure.wanted}`,
        suggestOr(
          failure.wanted,
          failure.names,
          `define ${failure.wanted}, which takes the environment and the --pargs`,
        ),
      );
    case 'no parameters':
      return complaintAt(file, failure.line)(
        `the generator returns no ParameterGenerator (but ${failure.returned})`,
        'end its function by returning the ParameterGenerator',
      );
    case 'raised':
      return raisedError(failure.said, failure.frames, file);
  }
}

/** The innermost of the generator's own lines is where it failed; the lines that led there are the evidence. */
function raisedError(said: string, frames: readonly Frame[], file: string): UserError {
  const at = frames.findLast((frame) => frame.file === file) ?? frames.at(-1) ?? { file, line: 1 };
  const evidence = frames
    .filter(({ text }) => text !== '')
    .slice(-SHOWN_FRAMES)
    .map((frame) => `\n    ${frame.file}:${frame.line}: ${frame.text}`);
  return new UserError(`${place(at.file, at.line)}: the generator failed: ${said}${evidence.join('')}`);
}

/** Generators are located by line alone. */
function place(file: string, line: number): string {
  return formatLocation({ file, line, column: 1 });
}

function complaintAt(file: string, line: number): Complaint {
  return (message, mend) => new UserError(`${place(file, line)}: ${message}`, mend);
}
