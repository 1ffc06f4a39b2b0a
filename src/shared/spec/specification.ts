import type { Location } from '../errors.ts';

/** The keys of a step's `run` block that ask for resources, in the specification's own spelling. */
export const RESOURCE_KEYS = [
  'nodes',
  'procs',
  'cores per task',
  'gpus',
  'tasks per rs',
  'rs per node',
  'cpus per rs',
  'bind',
  'bind gpus',
  'walltime',
  'exclusive',
  'host',
  'bank',
  'queue',
  'reservation',
  'qos',
  'nested',
  'waitable',
  'priority',
] as const;

/** A key of the `run` block that asks for a resource. */
export type ResourceKey = (typeof RESOURCE_KEYS)[number];

/** What a step asks for, as text: scalars as Python prints them, tokens still in place. */
export type Resources = Readonly<Partial<Record<ResourceKey, string>>>;

/** The values of `batch.type`: this machine, or a scheduler. */
export const BATCH_TYPES = ['local', 'slurm', 'lsf', 'flux', 'pbs'] as const;

/** Where the scheduled steps of a study run. */
export type BatchType = (typeof BATCH_TYPES)[number];

/** Options of the scheduler by their names, in the order of the specification; values as Python prints them. */
export type SchedulerArgs = Readonly<Record<string, string>>;

/** Ways to end that a step may be tried again after, besides exit codes. */
export const RETRY_STATES = ['FAILED', 'TIMEDOUT', 'HWFAILURE'] as const;

/** A way to end that a step may be tried again after. */
export type RetryState = (typeof RETRY_STATES)[number];

/** When a step is tried again by itself: what `retry` says, of a step or of the batch block. */
export interface Retry {
  /** Tries in all, at least 1; absent: as many as the study's limit. */
  readonly attempts?: number;
  /** Milliseconds before the second try, doubled for each one after it; absent: none. */
  readonly backoffMs?: number;
  /** States, and exit codes of a failed try; absent: FAILED. */
  readonly on?: readonly (RetryState | number)[];
  /** By what the requests of each further attempt are multiplied. */
  readonly grow?: Growth;
}

/** Factors, at least 1. */
export interface Growth {
  readonly walltime?: number;
  readonly memory?: number;
}

/** The `batch` block: the scheduler, and what all steps share. Scalars are text as Python prints them. */
export interface Batch {
  readonly type: BatchType;
  readonly shell: string;
  readonly host?: string;
  readonly bank?: string;
  readonly queue?: string;
  readonly nodes?: string;
  readonly procs?: string;
  readonly gpus?: string;
  /** Local only: how many cores steps may use together; default all of the machine. */
  readonly cores?: number;
  readonly reservation?: string;
  readonly qos?: string;
  readonly uri?: string;
  readonly version?: string;
  /** For the steps that do not say. */
  readonly retry?: Retry;
  /** Resubmissions of a step after hardware failures or preemption; default 3. */
  readonly resubmits?: number;
  /** Whether ready steps with the same resources may be submitted as one array; default true. */
  readonly arrays?: boolean;
  /** Local only: what `$(LAUNCHER)` becomes, with {procs} and {nodes} filled in. */
  readonly launcher?: string;
  /** Further options of all steps; those of Flux without dashes are options of its launcher. */
  readonly args: SchedulerArgs;
}

/** A named entry of `env.variables` or `env.labels`, in the order of the specification. */
export interface EnvironmentEntry {
  readonly name: string;
  readonly value: string;
  readonly block: 'variables' | 'labels';
  /** Whether the value is text in the specification (and not a number): only text can be a label. */
  readonly isText: boolean;
}

/** A file or directory that must be there before the study starts; `$(name)` is its path. */
export interface PathDependency {
  readonly kind: 'path';
  readonly name: string;
  readonly path: string;
}

/** A repository that is cloned before the study starts; `$(name)` is the path of the clone. */
export interface GitDependency {
  readonly kind: 'git';
  readonly name: string;
  readonly path: string;
  readonly url: string;
  readonly ref?: { readonly kind: 'tag' | 'branch' | 'hash'; readonly name: string };
}

/** A step as the specification has it: every string with its tokens still in place. */
export interface StepSpec {
  readonly name: string;
  readonly description: string;
  readonly cmd: string;
  readonly restart?: string;
  /** What it does not say is that of the batch block. */
  readonly retry?: Retry;
  readonly depends: readonly string[];
  readonly resources: Resources;
  /** Further options of its job; absent where there are none. */
  readonly args?: SchedulerArgs;
}

/** A parameter: for each combination (row) its value and its label, as the texts that replace tokens. */
export interface Parameter {
  /** What `$(KEY)` names. */
  readonly key: string;
  /** What `$(KEY.name)` becomes: `name` of the specification, else the key. */
  readonly name: string;
  readonly values: readonly string[];
  readonly labels: readonly string[];
}

/** A way to a node of the specification, as keys and list indexes from the root. */
export type SpecPath = readonly (string | number)[];

/** A specification that has passed its schema. Everything in it is text or smaller; nothing is expanded. */
export interface Specification {
  /** Absolute path of the file. */
  readonly file: string;
  /** The file's text, byte for byte, for the copy in the study directory. */
  readonly text: string;
  readonly name: string;
  readonly description: string;
  readonly environment: readonly EnvironmentEntry[];
  readonly dependencies: readonly (PathDependency | GitDependency)[];
  readonly batch: Batch;
  readonly steps: readonly StepSpec[];
  readonly parameters: readonly Parameter[];
  /**
   * Where a node stands; the nearest existing ancestor where the path itself does not exist. With a text, where
   * in the node that text first stands: a token in a script is pointed at on its own line.
   */
  readonly locate: (path: SpecPath, text?: string) => Location;
}
