import { join } from 'node:path';
import type { DataDirectory } from '../data-directory.ts';
import type { TaskRun } from './task-plan.ts';

/** Where what belongs to a run of a task is on this machine. */
export interface StudyPlace {
  /** The study directory. */
  readonly study: string;
  /** What its jobs read, beside the study: it is complete before there is a study. */
  readonly program: string;
}

/** The places of a run of a task. */
export function studyPlace({ studies }: Pick<DataDirectory, 'studies'>, { id, run }: TaskRun): StudyPlace {
  const study = join(studies, `${id}-${run}`);
  return { study, program: `${study}.program` };
}

/** The files of a program directory. */
export function programFiles(program: string): {
  readonly script: string;
  readonly settings: string;
  readonly inputs: string;
  readonly specification: string;
} {
  return {
    script: join(program, 'job.sh'),
    settings: join(program, 'settings.sh'),
    inputs: join(program, 'inputs'),
    specification: join(program, 'task.yaml'),
  };
}
