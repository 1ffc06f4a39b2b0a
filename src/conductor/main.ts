import { join } from 'node:path';
import { UserError } from '../shared/errors.ts';
import { studyFileName } from '../shared/prepare/naming.ts';
import { identify } from '../shared/process-identity.ts';
import { checkPlan, checkStore } from '../shared/state/check-store.ts';
import { probeLocks } from '../shared/state/lock-probe.ts';
import { explainStoreError, openStore, STATE_DIRECTORY } from '../shared/state/store.ts';
import type { StudyRecord } from '../shared/state/study-record.ts';
import { conductStudy, type StudyAtHand } from './conduct-study.ts';
import { type ConductorLog, openLog } from './log.ts';
import type { Ending } from './loop-ports.ts';
import { thisMachine, type World } from './world.ts';

// The command line shows what a repair would do by the rules by which it is done.
export { foreseeCancel, foreseeRetry } from './foresee.ts';
// So it is with studies whose store is damaged: what is told of them is what would be restored.
export {
  type CopyHealth,
  examineStudy,
  type StoreHealth,
  type StudyExamination,
} from './rebuild/examine-study.ts';
export { type Recoverable, rebuildStore } from './rebuild/rebuild-store.ts';

/** How `conduct` is asked to conduct. */
export interface ConductOptions extends Pick<StudyAtHand, 'onStarted' | 'onProgress'> {
  readonly directory: string;
  /** 1 debug to 5 critical. */
  readonly logLevel: number;
  /** Default `logs/<name>.log` in the study directory. */
  readonly logFile?: string;
  readonly logToStdout: boolean;
  /** Asks the conductor to leave, as a signal to the process does. */
  readonly signal?: AbortSignal;
}

/** The exit code that tells how a study ended: 0 finished, 2 failures, 3 cancelled, 1 it can be resumed. */
export function exitCodeOf(ending: Ending): number {
  if (ending.kind !== 'over') return ending.kind === 'stopped' ? 0 : 1;
  return { finished: 0, failed: 2, cancelled: 3 }[ending.outcome];
}

/**
 * Conducts the study of a directory until it ends or the process is asked to stop. Throws a UserError where
 * there is no study, or where another conductor holds its lease.
 */
export async function conduct(options: ConductOptions): Promise<Ending> {
  const store = openStore(options.directory);
  try {
    probeLocks(join(options.directory, STATE_DIRECTORY));
    checkStore(store, options.directory);
    const self = identify(process.pid);
    const check = (record: StudyRecord): void => checkPlan(record, options.directory);
    const openLog = (record: StudyRecord): ConductorLog => openLogOf(record, options);
    return await conductStudy({ ...options, store, self, check, openLog }, worldOf(options));
  } catch (error) {
    throw explainStoreError(error, options.directory);
  } finally {
    store.close();
  }
}

/** This machine, in which the conductor may also be asked to leave by the program that it is a part of. */
function worldOf({ signal }: ConductOptions): World {
  if (signal === undefined) return thisMachine;
  const onStopSignals: World['onStopSignals'] = (callback) => {
    const takeBack = thisMachine.onStopSignals(callback);
    const stop = (): void => callback('stopped by the program that it is a part of');
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    return () => {
      signal.removeEventListener('abort', stop);
      takeBack();
    };
  };
  return { ...thisMachine, onStopSignals };
}

function openLogOf(
  { study }: StudyRecord,
  { directory, logFile, logLevel, logToStdout }: ConductOptions,
): ConductorLog {
  const file = logFile ?? join(directory, 'logs', `${studyFileName(study.name)}.log`);
  try {
    return openLog({ file, level: logLevel, toStdout: logToStdout });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(`the log ${file} cannot be written (${code})`, 'name another place with --logpath', {
      cause: error,
    });
  }
}
