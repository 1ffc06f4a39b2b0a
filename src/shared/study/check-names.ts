import { posix } from 'node:path';
import type { Parameter, Specification, StepSpec } from '../spec/specification.ts';
import { fileName } from './names.ts';
import { parameterTokens, piecesOf, vocabularyOf } from './pieces.ts';
import type { Report } from './report.ts';

/** What a study directory holds beside its steps, and the name of the root above them. */
const STUDY_FILES = [
  '_source',
  '_removed',
  '.maestro',
  '.cancel.lock',
  '.study.update.lock',
  'batch.info',
  'logs',
  'meta',
  'status.csv',
];

/** The names that clash: of steps with each other and with the study's files, of variables with parameters. */
export function checkNames(
  specification: Specification,
  steps: readonly StepSpec[],
  parameters: readonly Parameter[],
  places: { readonly directory: string; readonly dependencyPaths: ReadonlyMap<string, string> },
  report: Report,
): void {
  checkVariables(specification, parameters, report);
  checkDuplicates(steps, report);
  const reserved = new Set(STUDY_FILES);
  reserved.add(`${fileName(specification.name)}.txt`).add(posix.basename(specification.file));
  for (const path of places.dependencyPaths.values()) {
    if (posix.dirname(path) === places.directory) reserved.add(posix.basename(path));
  }
  for (const [index, { name }] of steps.entries()) {
    if (!reserved.has(name) && !reserved.has(fileName(name))) continue;
    report({
      severity: 'error',
      path: ['study', index, 'name'],
      message: `a step cannot be named '${name}': the study keeps something of its own there`,
      mend: 'name the step differently',
    });
  }
  checkParametersInNames(steps, parameters, report);
}

function checkVariables(
  specification: Specification,
  parameters: readonly Parameter[],
  report: Report,
): void {
  const keys = new Set(parameters.map(({ key }) => key));
  for (const { name, block } of specification.environment) {
    if (!keys.has(name)) continue;
    report({
      severity: 'error',
      path: ['env', block, name],
      message: `'${name}' is a parameter too, and $(${name}) would never become its values`,
      mend: 'rename one of them',
    });
  }
}

function checkDuplicates(steps: readonly StepSpec[], report: Report): void {
  const names = new Set<string>();
  for (const [index, { name }] of steps.entries()) {
    if (names.has(name)) {
      report({
        severity: 'error',
        path: ['study', index, 'name'],
        message: `an earlier step is named '${name}' too`,
        mend: 'rename one of them',
      });
    }
    names.add(name);
  }
}

function checkParametersInNames(
  steps: readonly StepSpec[],
  parameters: readonly Parameter[],
  report: Report,
): void {
  const vocabulary = vocabularyOf(parameterTokens(parameters));
  for (const [index, { name }] of steps.entries()) {
    if (piecesOf(name, vocabulary).every(({ kind }) => kind === 'literal')) continue;
    report({
      severity: 'warning',
      path: ['study', index, 'name'],
      message: `parameters are not replaced in the name of a step, and '${name}' stays as it is`,
      mend: 'leave them out: each combination is appended to the name of its step',
    });
  }
}
