import type { QueueConfig } from '../config/config.ts';

/** Which study: a task's, and the run of it. Starting a task over makes another run. */
export interface TaskRun {
  readonly id: number;
  /** From 1. */
  readonly run: number;
}

/** A job before it runs. */
export interface PlannedJob {
  /** From 0, without gaps, in the order of the list. */
  readonly number: number;
  /** Its file of the configuration dataset, relative to the volume; empty where the command names none. */
  readonly input: string;
}

/** All that a task's study is made from. */
export interface TaskPlan extends TaskRun {
  /** The user whose directory of the volume the jobs see. */
  readonly owner: string;
  /** The task's name, which is also its directory below the owner's. */
  readonly name: string;
  readonly queue: QueueConfig;
  readonly image: string;
  /** For `/bin/sh -c` in the container; `%IN` and `%OUT` still stand in it, nothing else is replaced. */
  readonly command: string;
  readonly jobs: readonly PlannedJob[];
  /** Jobs that run before all others, which wait until these have done well: the first ones of the list. */
  readonly canaries: number;
}
