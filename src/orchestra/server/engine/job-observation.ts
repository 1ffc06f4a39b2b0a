/** How far a job has come, as its study tells it. */
export const JOB_PHASES = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;
/** One of them. */
export type JobPhase = (typeof JOB_PHASES)[number];

/**
 * What a job's study says of it. A job that failed without having been started stood behind a canary that did.
 * Times are Unix milliseconds.
 */
export interface JobObservation {
  readonly number: number;
  readonly phase: JobPhase;
  /** Where its newest attempt runs or ran; null where it has not been started. */
  readonly node: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

/** What has become of a task's jobs since an earlier look. */
export interface TaskObservation {
  /** The jobs that something has happened to, each as it is now, in the order of their numbers. */
  readonly jobs: readonly JobObservation[];
  /** To be handed to the next look, once this one has been recorded. */
  readonly cursor: number;
  /** Nothing runs, nothing will be run: every job is done, failed or cancelled. */
  readonly hasEnded: boolean;
}
