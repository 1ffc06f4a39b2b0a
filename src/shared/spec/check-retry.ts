import { type Diagnostic, errorAt, warningAt } from './diagnostic.ts';
import { LONGEST_BACKOFF_MS, MEMORY_OPTIONS } from './retry.ts';
import type { Retry, Specification, SpecPath, StepSpec } from './specification.ts';

/** What `retry` says that cannot be, or that would do nothing. */
export function checkRetry(specification: Specification): Diagnostic[] {
  const { batch, steps } = specification;
  return [
    ...longBackoff(specification, batch.retry, ['batch', 'retry'], 'batch'),
    ...steps.flatMap((step, index) => {
      const path = ['study', index, 'run', 'retry'];
      return [
        ...longBackoff(specification, step.retry, path, `step '${step.name}'`),
        ...idleGrowth(specification, step, path),
      ];
    }),
  ];
}

/** Numbers are kept in bounds by the schema; a text has its unit. */
function longBackoff(
  { locate }: Specification,
  retry: Retry | undefined,
  path: SpecPath,
  owner: string,
): Diagnostic[] {
  if ((retry?.backoffMs ?? 0) <= LONGEST_BACKOFF_MS) return [];
  const at = locate([...path, 'backoff']);
  return [errorAt(at, `backoff in retry of ${owner} is longer than a day`, 'write 24h or less')];
}

/** A factor for what the step asks nobody for. One in the batch block is for those steps that do. */
function idleGrowth({ batch, locate }: Specification, step: StepSpec, path: SpecPath): Diagnostic[] {
  const { walltime, memory } = step.retry?.grow ?? {};
  const warn = (key: string, mend: string): Diagnostic => {
    const message = `${key} in grow in retry of step '${step.name}' has nothing to grow`;
    return warningAt(locate([...path, 'grow', key]), message, mend);
  };
  const options = MEMORY_OPTIONS[batch.type];
  const given = Object.keys({ ...batch.args, ...step.args }).map((name) => name.replace(/^-{1,2}/, ''));
  const isAskedFor = options.some((option) => given.includes(option));
  const mend =
    options.length === 0
      ? `remove it: there is no option for memory with type ${batch.type}`
      : `ask for memory in args, as in args: {${options[0]}: 4G}`;
  return [
    ...(walltime !== undefined && step.resources.walltime === undefined
      ? [warn('walltime', 'give the step a walltime')]
      : []),
    ...(memory !== undefined && !isAskedFor ? [warn('memory', mend)] : []),
  ];
}
