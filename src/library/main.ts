/**
 * What `import … from 'maestro-conductor'` gives: studies and the cluster for programs, and what parameter generators
 * are written with. Everything is done in the rooms that the commands use too.
 */
export type { Dataset, DatasetFile } from '../orchestra/api/datasets.ts';
export type { Task, TaskDetails } from '../orchestra/api/tasks.ts';
export type { CreatedTask } from '../orchestra/client/tasks.ts';
export { Refusal, type RefusalCode } from '../orchestra/refusal.ts';
export {
  type AddedParameter,
  type EnvironmentVariable,
  type ParameterDescription,
  ParameterGenerator,
  StudyEnvironment,
} from '../shared/prepare/parameter-generator.ts';
export type { Diagnostic } from '../shared/spec/diagnostic.ts';
export type { StepState, StudyState } from '../shared/state/states.ts';
export { authenticate } from './authenticate.ts';
export { castor, type DatasetTransferOptions, type DownloadOptions } from './castor.ts';
export type { ClusterOptions } from './cluster.ts';
export type { LogOptions } from './conducting.ts';
export { type LoadOptions, type RunOptions, Study } from './study.ts';
export type { StudyChange, WatchOptions } from './study-changes.ts';
export type { Retried, RetryOptions, StudyDirectory, WaitOptions } from './study-directory.ts';
export { StudyError, type StudyErrorCode } from './study-error.ts';
export type { StudyStatus } from './study-status.ts';
export type { ExpandedStep, StepChoice, StudyStep } from './study-steps.ts';
export { type TaskToCreate, type TaskWaitOptions, task } from './task.ts';
