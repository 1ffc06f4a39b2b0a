import { readFileSync } from 'node:fs';
import { formatDiagnostic } from '../../../src/shared/spec/diagnostic.ts';
import { readSpecification } from '../../../src/shared/spec/read.ts';
import type { Parameter, Specification, StepSpec } from '../../../src/shared/spec/specification.ts';
import { expand } from '../../../src/shared/study/expand.ts';
import { type ResolveOptions, resolveStudy } from '../../../src/shared/study/resolve.ts';
import type { Expansion, Study } from '../../../src/shared/study/study.ts';

/** A specification of these parts; every node stands where its path says: `study.0.run.cmd:1:1`. */
export function specOf(parts: Partial<Specification>): Specification {
  return {
    file: '/specs/study.yaml',
    text: '',
    name: 'test',
    description: 'A study for a test',
    environment: [],
    dependencies: [],
    batch: { type: 'local', shell: '/bin/bash', args: {} },
    steps: [],
    parameters: [],
    locate: (path, text) => ({
      file: [...path, ...(text === undefined ? [] : [text])].join('.'),
      line: 1,
      column: 1,
    }),
    ...parts,
  };
}

export function stepOf(name: string, parts: Partial<StepSpec> = {}): StepSpec {
  return { name, description: `The step ${name}`, cmd: 'true', depends: [], resources: {}, ...parts };
}

/** A parameter with labels `KEY.value`. */
export function parameterOf(
  key: string,
  values: readonly string[],
  parts: Partial<Parameter> = {},
): Parameter {
  return { key, name: key, values, labels: values.map((value) => `${key}.${value}`), ...parts };
}

export const OPTIONS: ResolveOptions = {
  directory: '/studies/test',
  outputPath: '/studies/test',
  specRoot: '/specs',
  dependencyPaths: new Map(),
  hashWorkspaces: false,
};

/** Resolves a specification that is expected to be sound. */
export function studyOf(specification: Specification, options: Partial<ResolveOptions> = {}): Study {
  const { study, diagnostics } = resolveStudy(specification, { ...OPTIONS, ...options });
  if (study === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return study;
}

export function expanded(
  specification: Specification,
  options: Partial<ResolveOptions> = {},
): { study: Study; expansion: Expansion } {
  const study = studyOf(specification, options);
  return { study, expansion: expand(study) };
}

/** Reads a specification from a file that is known to be sound; `@GIT@` in it is a repository. */
export function readSpec(file: string): Specification {
  const text = readFileSync(file, 'utf8').replaceAll('@GIT@', '/repositories/tiny.git');
  const { specification, diagnostics } = readSpecification(file, text);
  if (specification === undefined) throw new Error(diagnostics.map(formatDiagnostic).join('\n'));
  return specification;
}
