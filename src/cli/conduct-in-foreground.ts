import { conduct, exitCodeOf } from '../conductor/main.ts';
import { UserError } from '../shared/errors.ts';
import type { LaunchOptions } from '../shared/launch-conductor.ts';
import type { StepState } from '../shared/state/states.ts';

/** One step's change of state, as the foreground shows it. */
export interface ShownChange {
  readonly name: string;
  readonly from: StepState;
  readonly to: StepState;
  readonly why: string;
}

/** What a conductor in this process does beyond its log. */
export interface ForegroundOptions extends LaunchOptions {
  readonly logToStdout: boolean;
  readonly onProgress: (progress: {
    readonly counts: ReadonlyMap<StepState, number>;
    readonly total: number;
    readonly changes: readonly ShownChange[];
  }) => void;
}

/**
 * Conducts in this process until the study ends: 0 finished, 2 failures, 3 cancelled, 1 it could not go on,
 * 130 interrupted (then `maestro resume` goes on).
 */
export async function conductInForeground(directory: string, options: ForegroundOptions): Promise<number> {
  const { logLevel, logFile, logToStdout, onProgress } = options;
  const ending = await conduct({
    directory,
    logLevel,
    ...(logFile === undefined ? {} : { logFile }),
    logToStdout,
    onProgress: ({ counts, total, transitions }, nameOf) => {
      const changes = transitions.map(({ step, from, to, why }) => ({ name: nameOf(step), from, to, why }));
      onProgress({ counts, total, changes });
    },
  });
  if (ending.kind === 'stopped') return 130;
  if (ending.kind === 'troubled')
    throw new UserError(ending.why, `maestro resume ${directory} goes on from here`);
  return exitCodeOf(ending);
}
