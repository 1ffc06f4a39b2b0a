import type { Resources, SchedulerArgs } from '../../spec/specification.ts';

/**
 * One step of an expanded study, as the text that its scripts are made of: every token but `$(LAUNCHER)` is
 * replaced. The expansion makes it; `renderScripts` and `localResources` read it.
 */
export interface StepText {
  /** The step's unique name, `<step>_<combination>` or `<step>`, as in status.csv. */
  readonly name: string;
  /**
   * What the names of its scripts and outputs begin with: the name with unsafe characters dropped, or the md5
   * of its combination under `--hashws`. Unique in its workspace and safe as part of a path.
   */
  readonly baseName: string;
  /**
   * What the scheduler shows: the name with spaces as `_` and nothing dropped; `baseName` under `--hashws`.
   */
  readonly jobName: string;
  /** May hold newlines, quotes, anything. */
  readonly description: string;
  readonly cmd: string;
  /** Absent or empty where the step has no restart script. */
  readonly restart?: string;
  readonly resources: Resources;
  /** Further options of its job; absent where there are none. */
  readonly args?: SchedulerArgs;
  /** Absolute path of the step's directory. */
  readonly workspace: string;
  /** True where the step itself asks for nodes or procs; else it runs beside the conductor. */
  readonly isScheduled: boolean;
}
