import fc from 'fast-check';
import type { Parameter, Specification, StepSpec } from '../../../src/shared/spec/specification.ts';
import { parameterOf, specOf, stepOf } from './studies.ts';

/** Texts that have broken, or could break, a path, a line or a table. */
const NASTY = [
  '',
  '.',
  '..',
  '../..',
  '/',
  '/etc',
  'a/b',
  'a:b',
  'a b',
  'a_b',
  'A_B',
  '\0',
  '\n',
  '-rf',
  '~',
  '😀',
  'é',
];

export const nastyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('x', 'é', '/').map((character) => character.repeat(300)),
);

/** One to four parameters of equally many values; labels may be anything, and equal. */
const parameters = (text: fc.Arbitrary<string>): fc.Arbitrary<Parameter[]> =>
  fc
    .tuple(
      fc.uniqueArray(fc.constantFrom('A', 'B', 'N', 'N2', 'ZED', 'alpha')),
      fc.integer({ min: 1, max: 7 }),
    )
    .chain(([keys, rows]) => {
      const texts = fc.array(text, { minLength: rows, maxLength: rows });
      return fc.tuple(...keys.map((key) => texts.map((labels) => parameterOf(key, labels, { labels }))));
    });

interface Draft {
  readonly mentions: readonly number[];
  readonly parents: readonly { readonly step: number; readonly isFunnel: boolean }[];
}

const draft: fc.Arbitrary<Draft> = fc.record({
  mentions: fc.array(fc.nat(), { maxLength: 2 }),
  parents: fc.array(fc.record({ step: fc.nat(), isFunnel: fc.boolean() }), { maxLength: 3 }),
});

/** Draft i depends on earlier ones only, so that there is no cycle; the declaration is in any order. */
function stepsOf(names: readonly string[], drafts: readonly Draft[], keys: readonly string[]): StepSpec[] {
  return drafts.map(({ mentions, parents }, index) => {
    const tokens = keys.length === 0 ? [] : mentions.map((mention) => `$(${keys[mention % keys.length]})`);
    const depends =
      index === 0 ? [] : parents.map(({ step, isFunnel }) => names[step % index]! + (isFunnel ? '_*' : ''));
    return stepOf(names[index]!, { cmd: `echo ${tokens.join(' ')}`, depends: [...new Set(depends)] });
  });
}

/** Names that no step may have, or that a step's dependants could not write without a second meaning. */
const isSound = (name: string) => !/[*$]|^$/.test(name);

/** Sound specifications of up to eight steps, with names and labels made of the texts given. */
export function arbitrarySpecification(text: fc.Arbitrary<string>): fc.Arbitrary<Specification> {
  return fc
    .tuple(
      parameters(text),
      fc.uniqueArray(fc.oneof(fc.constantFrom('a', 'b', 'a_b', 'run', 'run_1'), text).filter(isSound), {
        minLength: 1,
        maxLength: 8,
      }),
    )
    .chain(([made, names]) =>
      fc
        .array(draft, { minLength: names.length, maxLength: names.length })
        .map((drafts) =>
          stepsOf(
            names,
            drafts,
            made.map(({ key }) => key),
          ),
        )
        .chain((steps) => fc.shuffledSubarray(steps, { minLength: steps.length }))
        .map((steps) => specOf({ steps, parameters: made })),
    );
}
