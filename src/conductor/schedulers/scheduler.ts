import type { Exit, Usage } from '../../shared/state/transition.ts';

/** One attempt as a scheduler gets it: a step's script, to be run in its workspace. */
export interface JobRequest {
  /** Names the attempt; unique in the world, without white space. */
  readonly token: string;
  /** What the scheduler shows, as the script's header says it too. */
  readonly name: string;
  /** Absolute. */
  readonly workspace: string;
  /** The step's own script, absolute. */
  readonly script: string;
}

/**
 * What is handed over with one answer expected: one job, or an array of jobs that ask for the same. The file is
 * a job script made of the steps' common header and a body that runs the member which the scheduler's array
 * index names, and records its start and its exit below `.maestro/jobs`.
 */
export interface Submission {
  /**
   * Unique in the world, a valid part of a file name, and part of `file`'s name: by this the scheduler's queue
   * can be searched for a submission whose answer was lost.
   */
  readonly id: string;
  /** Absolute path of the job script. */
  readonly file: string;
  /** The directory that the job starts in. */
  readonly directory: string;
  /** At least one; the position is the array index. */
  readonly members: readonly JobRequest[];
  /** Resources and options of the members, for schedulers that take them as arguments rather than from a header. */
  readonly allocation: Allocation;
}

/** What a submission asks for; absent means that nothing is said. */
export interface Allocation {
  readonly nodes?: number;
  readonly procs?: number;
  readonly coresPerTask?: number;
  readonly gpus?: number;
  /** Seconds; absent or 0: no limit is asked for. */
  readonly walltimeSeconds?: number;
  readonly exclusive?: boolean;
  readonly queue?: string;
  readonly bank?: string;
  readonly qos?: string;
  readonly reservation?: string;
  /** Flux's urgency, 0 to 31. */
  readonly urgency?: number;
  /** Flux: run in an instance of its own. */
  readonly nested?: boolean;
  /** Flux: may be waited for. */
  readonly waitable?: boolean;
  /** Flux: further options of the submission, each as one word. Other schedulers read them in the header. */
  readonly args?: readonly string[];
}

/** What became of a submission. Job ids are the scheduler's own texts. */
export type SubmitAnswer =
  | {
      readonly kind: 'accepted';
      /** The id of each member, in their order. */
      readonly jobs: readonly string[];
    }
  /** The scheduler refused; nothing was queued. `words` are its own. */
  | { readonly kind: 'rejected'; readonly words: string }
  /** No answer, or none that can be understood: it may be queued or not, and must be looked for. */
  | { readonly kind: 'unanswered'; readonly words: string };

/** What a scheduler tells of a job that it still has or remembers. */
export type JobReport =
  | {
      readonly kind: 'waiting';
      /** QUEUED: waits for resources; WAITING: held, suspended, or waiting for something else. */
      readonly state: 'QUEUED' | 'WAITING';
      /** The scheduler's reason, in its own words. */
      readonly words: string;
    }
  | {
      readonly kind: 'running';
      readonly state: 'RUNNING' | 'FINISHING';
      readonly startedAt?: number;
      readonly words: string;
    }
  | {
      readonly kind: 'ended';
      readonly outcome: 'FINISHED' | 'FAILED' | 'TIMEDOUT' | 'HWFAILURE' | 'CANCELLED';
      readonly exit?: Exit;
      readonly startedAt?: number;
      readonly endedAt?: number;
      readonly usage?: Usage;
      /** The scheduler's state and reason, in its own words. */
      readonly words: string;
    };

/** An answer to a question about the queue, or that there was none in time. */
export type Answer<Value> =
  | { readonly kind: 'answered'; readonly value: Value }
  | { readonly kind: 'down'; readonly words: string };

/**
 * A batch scheduler. Every method takes many at once, has a time limit of its own, never throws for what the
 * scheduler does, and starts programs with arguments as arrays.
 */
export interface Scheduler {
  /** Hands submissions over; answers in their order. */
  submit(submissions: readonly Submission[]): Promise<readonly SubmitAnswer[]>;
  /**
   * What the scheduler knows of these jobs, its accounting included. A job that is missing from the answer is
   * unknown to it now, which may change: accounting lags.
   */
  poll(jobs: readonly string[]): Promise<Answer<ReadonlyMap<string, JobReport>>>;
  /** Asks for the jobs to be ended; what comes of it is told by polls. Unknown ones are no error. */
  cancel(jobs: readonly string[]): Promise<Answer<void>>;
  /** The job ids (in the members' order) of those of these submissions that the scheduler has or remembers. */
  find(
    submissions: readonly Pick<Submission, 'id' | 'file' | 'members'>[],
  ): Promise<Answer<ReadonlyMap<string, readonly string[]>>>;
  /** How many members one submission may have; 1 where there are no arrays. */
  arrayLimit(): Promise<number>;
}
