import type { Batch } from '../../spec/specification.ts';
import type { StepText } from './step-text.ts';
import type { TypedResources } from './typed-resources.ts';

/** A step as a scheduler sees it: what a header and a launcher are written from. */
export interface Job {
  /** As this step has it: where it names a host, bank or queue of its own, with those. */
  readonly batch: Batch;
  readonly step: StepText;
  /** What the step itself asks for. */
  readonly own: TypedResources;
  /** What the batch block gives to steps that do not say it themselves. */
  readonly shared: Pick<TypedResources, 'nodes' | 'procs'>;
}

/** The part of a job's resources that one launcher takes. */
export interface Share {
  /** Undefined where the launcher does not say: the scheduler spreads the processes. */
  readonly nodes: number | undefined;
  readonly procs: number;
}

/** A further option of a job, from `args` of its step or of the batch block. */
export interface SchedulerOption {
  /** Without leading dashes. */
  readonly name: string;
  /** Undefined where the option stands alone. */
  readonly value: string | undefined;
}

/** How one scheduler takes the options that users write in `args`. */
export interface OptionRules {
  /** The header line of an option. */
  line(option: SchedulerOption): string;
  /** What to do instead, as a mend, where the option is not for `args` in this job. */
  clash(option: SchedulerOption, job: Job): string | undefined;
}

/**
 * How scripts are written for one scheduler. Another scheduler is one more file with one of these, and its
 * entry in `DIALECTS`.
 */
export interface ScriptDialect {
  /** What script names end with, such as `slurm.sh`. */
  readonly extension: string;
  /** True where steps that run beside the conductor get the header too, since it only informs. */
  readonly headsUnscheduled: boolean;
  /** The lines between the `#!` line and the command. */
  header(job: Job): string[];
  /** What `$(LAUNCHER)` becomes, without a space around it; empty where the command runs as it is. */
  launcher(job: Job, share: Share): string;
  /** Absent where there is no scheduler that could take options. */
  readonly options?: OptionRules;
  /** The number of nodes that the job will get; undefined where the scheduler will choose it. */
  nodes(job: Job): number | undefined;
}
