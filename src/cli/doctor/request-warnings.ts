import { type Diagnostic, warningAt } from '../../shared/spec/diagnostic.ts';
import type { ResourceKey, Specification, SpecPath } from '../../shared/spec/specification.ts';
import { grouped } from '../render/overview.ts';
import type { StepRequest } from './requests.ts';

/** Something that is wrong with what a step asks for. */
export interface RequestWarning {
  /** The key of the step, or of the batch block, that it is about. */
  readonly key: ResourceKey;
  readonly message: string;
  readonly mend: string;
}

/** A warning, and whom it is for. */
interface Told {
  readonly path: SpecPath;
  /** The first that it is for. */
  readonly request: StepRequest;
  readonly warning: RequestWarning;
  /** How many steps it is for, with other numbers perhaps. */
  steps: number;
  /** Whether it has the same words for all of them. */
  isAlike: boolean;
}

/**
 * Tells what is wrong with requests, each at the key that asks for it: the step's own, else that of the batch block.
 * What is wrong with many combinations of a step, or with all steps alike, is told once.
 */
export function requestWarnings(
  specification: Specification,
  requests: readonly StepRequest[],
  check: (request: StepRequest) => readonly RequestWarning[],
): Diagnostic[] {
  const told = new Map<string, Told>();
  for (const request of requests) {
    const perPath = new Map<string, number>();
    for (const warning of check(request)) {
      const path = pathOf(specification, request, warning.key);
      const where = path.join('\n');
      const position = perPath.get(where) ?? 0;
      perPath.set(where, position + 1);
      const key = `${where}\n${path[0] === 'batch' ? warning.message : position}`;
      const same = told.get(key);
      if (same === undefined) {
        told.set(key, { path, request, warning, steps: request.count, isAlike: true });
        continue;
      }
      same.steps += request.count;
      same.isAlike &&= same.warning.message === warning.message;
    }
  }
  return [...told.values()].map((each) => diagnosticOf(specification, each));
}

function pathOf(specification: Specification, { template }: StepRequest, key: ResourceKey): SpecPath {
  const index = specification.steps.findIndex(({ name }) => name === template.name);
  const isOwn = specification.steps[index]?.resources[key] !== undefined;
  return isOwn ? ['study', index, 'run', key] : ['batch', key];
}

function diagnosticOf(specification: Specification, told: Told): Diagnostic {
  const { path, request, warning, steps, isAlike } = told;
  const { message, mend } = warning;
  const at = specification.locate(path);
  if (path[0] === 'batch') return warningAt(at, message, mend);
  const { template, text, of } = request;
  if (isAlike && steps === of) return warningAt(at, `${template.name}: ${message}`, mend);
  const others = steps === 1 ? '' : ` (likewise ${grouped(steps - 1)} more of its combinations)`;
  return warningAt(at, `${text.name}: ${message}${others}`, mend);
}
