import type { Batch, Parameter, Resources, Retry, SchedulerArgs } from '../spec/specification.ts';

/**
 * A step of a study before its expansion: load-time tokens (labels, dependencies, variables) are replaced,
 * parameter, workspace and launcher tokens still stand.
 */
export interface StepTemplate {
  readonly name: string;
  readonly description: string;
  readonly cmd: string;
  readonly restart?: string;
  /** When it is tried again by itself, the batch block's defaults included; absent where nobody says. */
  readonly retry?: Retry;
  readonly resources: Resources;
  /** Further options of its job; absent where there are none. */
  readonly args?: SchedulerArgs;
  /** Indexes of the parents that it takes combination by combination. */
  readonly parents: readonly number[];
  /** Indexes of the parents of which it awaits all combinations (`name_*`). */
  readonly funnels: readonly number[];
  /** Indexes into the study's parameters that this step uses, in the order of the parameters' keys. */
  readonly uses: readonly number[];
  /** True where the step itself asks for nodes or procs; else it runs beside the conductor. */
  readonly isScheduled: boolean;
}

/**
 * A study, ready to be expanded: plain data that survives JSON, so that a conductor can take it from the
 * store and write the same scripts that `maestro run` would have written.
 */
export interface Study {
  readonly name: string;
  readonly description: string;
  /** Absolute path of the study directory. */
  readonly directory: string;
  readonly batch: Batch;
  /** In the order in which they are expanded: each after all of its parents. */
  readonly steps: readonly StepTemplate[];
  readonly parameters: readonly Parameter[];
  /** `--hashws`: directories and script names carry the md5 of the combination in place of its name. */
  readonly hashWorkspaces: boolean;
  /** Where scripts are written when not beside the steps (`--usetmp`): absolute path. */
  readonly scriptDirectory?: string;
}

/**
 * The DAG of a study's steps, as columns: step i is one row of each. A million steps cost a few dozen
 * megabytes, and a graph read back from the store is the graph that was written.
 *
 * Funnel dependencies are kept by template, not by edge: a step whose template funnels template p waits for
 * *all* steps of p. So a thousand steps that each await a thousand others cost two thousand numbers, not a
 * million.
 */
export interface Expansion {
  /** Number of steps. */
  readonly count: number;
  /**
   * Index into `Study.steps`; for a row that was removed, one past its end. Rows are in the order of status.csv:
   * breadth first from the roots, and behind those what later specifications have added.
   */
  readonly template: Uint32Array;
  /** Row of parameter values that this step stands for; 0 where its template uses no parameter. */
  readonly combination: Uint32Array;
  /**
   * Plain parents, concatenated: those of step i are `parents[parentsStart[i]]` up to (not including)
   * `parents[parentsStart[i + 1]]`.
   */
  readonly parents: Uint32Array;
  readonly parentsStart: Uint32Array;
  /** Unique names, `<step>_<combination>` or `<step>`. */
  readonly names: readonly string[];
  /** Workspaces relative to the study directory, `<step>/<combination>` or `<step>`, sanitised, unique. */
  readonly workspaces: readonly string[];
  /** Rows that an earlier specification had and this one has not. They have no parents and are never run. */
  readonly removed?: ReadonlyMap<number, RemovedStep>;
}

/** What is kept of a step that is in no template of its study any more. */
export interface RemovedStep {
  /** The name of the template that it was a combination of. */
  readonly template: string;
  readonly params: readonly (readonly [key: string, value: string])[];
  /** Where its workspace was, relative to the study directory. */
  readonly workspace: string;
}

/** One step's scripts, as they are to be written. */
export interface StepScripts {
  readonly main: Script;
  readonly restart?: Script;
}

/** A script: its name and its text. */
export interface Script {
  /** File name in the workspace (or below `Study.scriptDirectory`), such as `run_A.1.slurm.sh`. */
  readonly fileName: string;
  readonly text: string;
}
