import { conduct } from '../conductor/main.ts';
import { launchConductor } from '../shared/launch-conductor.ts';
import { StudyError } from './study-error.ts';

/** How the log of a conductor is written. */
export interface LogOptions {
  /** What is logged: 1 debug, 2 info (the default), 3 warnings, 4 errors, 5 critical errors. */
  readonly logLevel?: number;
}

/** A study that is conducted in this process. */
export interface Foreground {
  /** Fulfilled once it has come to its end. Rejected with a StudyError where it was left before. */
  readonly ended: Promise<void>;
}

/** Starts a conductor that outlives this process. Throws a UserError where it cannot start. */
export async function conductDetached(directory: string, { logLevel = 2 }: LogOptions): Promise<void> {
  await launchConductor(directory, { logLevel });
}

/**
 * Conducts a study in this process; returns once it has begun. The signal makes the conductor leave: running steps
 * go on, and are taken over by whoever resumes the study. Throws a UserError where it cannot begin.
 */
export async function conductHere(
  directory: string,
  { logLevel = 2, signal }: LogOptions & { readonly signal?: AbortSignal },
): Promise<Foreground> {
  let ended: Promise<void> | undefined;
  await new Promise<void>((resolve, reject) => {
    ended = conduct({
      directory,
      logLevel,
      logToStdout: false,
      ...(signal === undefined ? {} : { signal }),
      onStarted: () => resolve(),
    }).then((ending) => {
      signal?.throwIfAborted();
      if (ending.kind === 'over') return;
      const why = 'why' in ending ? ending.why : ending.how;
      throw new StudyError('not-conducted', why, 'resume() goes on');
    });
    void ended.catch(reject);
  });
  return { ended: ended! };
}
