import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../shared/errors.ts';
import { suggestOr } from '../shared/spec/suggest.ts';
import type { StatusRow } from '../shared/state/queries.ts';
import { takeOverview, takeSnapshot } from './snapshot.ts';
import { createStepFilter } from './step-filter.ts';

/** The log of a study's conductors. Throws a UserError where there is none. */
export function studyLog(studyDirectory: string): string {
  const { directory } = takeOverview(studyDirectory);
  const logs = join(directory, 'logs');
  const files = existsSync(logs) ? readdirSync(logs).filter((name) => name.endsWith('.log')) : [];
  const newest = files
    .map((name) => join(logs, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
    .at(0);
  if (newest !== undefined) return newest;
  throw new UserError(
    `there is no log in ${logs}`,
    'the study was never conducted, or its conductor was told by --logpath to write elsewhere',
  );
}

/**
 * The files into which the newest attempts of the steps matched write, in the order of the steps; steps that
 * have not started have none. Throws a UserError where no step matches.
 */
export function stepOutputs(studyDirectory: string, pattern: string, stream: 'out' | 'err'): string[] {
  const { overview, steps } = takeSnapshot(studyDirectory, createStepFilter({ steps: [pattern] }), false);
  if (steps.length === 0) throw unknownStep(studyDirectory, pattern);
  return steps.flatMap((step) => outputOf(overview.directory, step, stream) ?? []);
}

/** Why `stepOutputs` has found no file. */
export function noOutput(studyDirectory: string, pattern: string): UserError {
  const { steps } = takeSnapshot(studyDirectory, createStepFilter({ steps: [pattern] }), false);
  const states = [...new Set(steps.map(({ state }) => state))].join(', ');
  return new UserError(
    `${steps.length === 1 ? steps[0]!.name : `${steps.length} steps`} (${states}) wrote no output yet`,
    '`maestro logs` without a step tells what the conductor did',
  );
}

/** Output files carry the job in their names: `<step>.<job>.out`; what stands before it may be a hash. */
function outputOf(studyDirectory: string, step: StatusRow, stream: 'out' | 'err'): string | undefined {
  if (step.job === null) return undefined;
  const workspace = join(studyDirectory, step.workspace);
  const name = existsSync(workspace)
    ? readdirSync(workspace).find((file) => file.endsWith(`.${step.job}.${stream}`))
    : undefined;
  return name === undefined ? undefined : join(workspace, name);
}

function unknownStep(studyDirectory: string, pattern: string): UserError {
  const { steps } = takeSnapshot(studyDirectory, createStepFilter({}), false);
  const names = steps.map(({ name }) => name);
  return new UserError(
    `the study has no step '${pattern}'`,
    suggestOr(pattern, names, `its steps are listed by maestro status ${studyDirectory}`),
  );
}
