import { checkDepends } from './check-depends.ts';
import { checkNames } from './check-names.ts';
import { checkParameters } from './check-parameters.ts';
import { checkRetry } from './check-retry.ts';
import { checkTokens } from './check-tokens.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Specification } from './specification.ts';

/** What is wrong with a specification in itself, without a look at the disk or at other programs. */
export function checkSpecification(specification: Specification): Diagnostic[] {
  return [
    ...checkNames(specification),
    ...checkParameters(specification),
    ...checkDepends(specification),
    ...checkRetry(specification),
    ...checkTokens(specification),
  ];
}
