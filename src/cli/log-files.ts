import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../shared/errors.ts';
import { suggestOr } from '../shared/spec/suggest.ts';
import { readAttempts, readRows } from '../shared/state/queries.ts';
import { readStudyAt, takeOverview, takeSnapshot } from '../shared/status/snapshot.ts';
import { createStepFilter } from '../shared/status/step-filter.ts';
import { outputFile } from './output-file.ts';

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

/** Which of a step's outputs: standard output or error, of one attempt or, without a number, of the newest. */
export interface WantedOutput {
  readonly stream: 'out' | 'err';
  readonly attempt?: number | undefined;
}

/**
 * The files into which attempts of the steps matched write, in the order of the steps; attempts that have not
 * started have none. Throws a UserError where no step matches.
 */
export function stepOutputs(studyDirectory: string, pattern: string, wanted: WantedOutput): string[] {
  const found = readStudyAt(studyDirectory, (store, overview) => {
    const { accepts } = createStepFilter({ steps: [pattern] });
    const steps = [...readRows(store)].filter((row) => accepts({ ...row, params: [] }));
    const { directory } = overview();
    return steps.map((step) => {
      const number = wanted.attempt ?? step.attempts;
      const { job = null } = readAttempts(store, step.id).find((attempt) => attempt.number === number) ?? {};
      const isNewest = number === step.attempts;
      return { workspace: join(directory, step.workspace), number, isNewest, job };
    });
  });
  if (found.length === 0) throw unknownStep(studyDirectory, pattern);
  return found.flatMap((attempt) => outputFile(attempt, wanted.stream) ?? []);
}

/** Why `stepOutputs` has found no file. */
export function noOutput(studyDirectory: string, pattern: string, attempt?: number): UserError {
  const { steps } = takeSnapshot(studyDirectory, createStepFilter({ steps: [pattern] }), false);
  const states = [...new Set(steps.map(({ state }) => state))].join(', ');
  if (attempt !== undefined) {
    const most = Math.max(...steps.map(({ attempts }) => attempts));
    return new UserError(
      `attempt ${attempt} of ${steps.length === 1 ? steps[0]!.name : `${steps.length} steps`} wrote no output`,
      most === 0 ? 'there was no attempt yet' : `attempts so far: ${most}`,
    );
  }
  return new UserError(
    `${steps.length === 1 ? steps[0]!.name : `${steps.length} steps`} (${states}) wrote no output yet`,
    '`maestro logs` without a step tells what the conductor did',
  );
}

/** Says that a study has no such step, and which it may be that was meant. */
export function unknownStep(studyDirectory: string, pattern: string): UserError {
  const { steps } = takeSnapshot(studyDirectory, createStepFilter({}), false);
  const names = steps.map(({ name }) => name);
  return new UserError(
    `the study has no step '${pattern}'`,
    suggestOr(pattern, names, `its steps are listed by maestro status ${studyDirectory}`),
  );
}
