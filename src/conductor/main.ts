import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../shared/clock.ts';
import { discardRequests } from '../shared/control.ts';
import { UserError } from '../shared/errors.ts';
import { studyFileName } from '../shared/prepare/naming.ts';
import { identify } from '../shared/process-identity.ts';
import { hasRepairs } from '../shared/repair-request.ts';
import { LeaseLost } from '../shared/state/journal.ts';
import { acquireLease, describeHolder, releaseLease } from '../shared/state/lease.ts';
import { readSummary, type StudyOutcome } from '../shared/state/queries.ts';
import { openStore, type Store } from '../shared/state/store.ts';
import { readStudy, type StudyRecord } from '../shared/state/study-record.ts';
import { conductOnce } from './conduct-once.ts';
import { type ConductorLog, openLog } from './log.ts';
import type { Ending, Progress } from './loop-ports.ts';
import { capacityOf } from './machine.ts';
import type { Session } from './session.ts';

/** How `conduct` is asked to conduct. */
export interface ConductOptions {
  readonly directory: string;
  /** 1 debug to 5 critical. */
  readonly logLevel: number;
  /** Default `logs/<name>.log` in the study directory. */
  readonly logFile?: string;
  readonly logToStdout: boolean;
  /** Called once the lease is held and the store is read: from here on the study is being conducted. */
  readonly onStarted?: (study: StudyRecord) => void;
  readonly onProgress?: (progress: Progress, nameOf: (step: number) => string) => void;
}

/** How often a runner that was killed is replaced before the conductor gives up. */
const RUNNERS = 5;

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
    const { outcome } = readSummary(store);
    // A request to run steps again opens a study that has ended.
    const isClosed = outcome === 'dry' || !hasRepairs(options.directory);
    if (outcome !== undefined && isClosed) return leaveEnded(outcome, readStudy(store), options);
    const clock = systemClock;
    const acquired = acquireLease(store, identify(process.pid), clock.now());
    if (acquired.kind === 'held') {
      throw new UserError(`the study is conducted by ${describeHolder(acquired.holder)}`);
    }
    const record = readStudy(store);
    const log = openLogOf(record, options);
    try {
      return await hold(store, record, acquired, log, options);
    } finally {
      log.close();
    }
  } finally {
    store.close();
  }
}

/** A study that has ended stays as it is. Requests that came too late are removed, with a word. */
function leaveEnded(outcome: StudyOutcome, record: StudyRecord, options: ConductOptions): Ending {
  if (outcome === 'dry') {
    throw new UserError(`${options.directory} is a dry run`, 'run the specification without --dry');
  }
  options.onStarted?.(record);
  const removed = discardRequests(options.directory);
  if (removed.length > 0) {
    const log = openLogOf(record, options);
    for (const name of removed) log.logger.info(`${name} is removed: the study has ended`);
    log.close();
  }
  return { kind: 'over', outcome };
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

/** Conducts while the lease is held, and gives it back. */
async function hold(
  store: Store,
  record: StudyRecord,
  acquired: Extract<ReturnType<typeof acquireLease>, { kind: 'acquired' }>,
  log: ConductorLog,
  options: ConductOptions,
): Promise<Ending> {
  const { logger } = log;
  const { epoch, replaced } = acquired;
  const host = hostname();
  logger.info(
    `conductor ${process.pid} on ${host} conducts ${record.study.name} (${record.expansion.count} steps)`,
  );
  if (replaced !== undefined) logger.warn(`took over from ${describeHolder(replaced)}, which has died`);
  options.onStarted?.(record);
  const session: Session = {
    directory: options.directory,
    store,
    record,
    epoch,
    host,
    capacity: capacityOf(record.study.batch),
    log: logger,
    clock: systemClock,
    onProgress: (progress) => options.onProgress?.(progress, (step) => record.expansion.names[step]!),
  };
  try {
    const ending = await conductThroughRunners(session);
    logger.info(describeEnding(ending));
    if (ending.kind === 'over') removeTemporaryScripts(record);
    releaseLease(store, epoch, systemClock.now());
    return ending;
  } catch (error) {
    if (error instanceof LeaseLost) {
      logger.error(error.message);
      return { kind: 'troubled', why: error.message };
    }
    logger.fatal({ err: error }, 'the conductor has failed; maestro resume goes on from here');
    releaseLease(store, epoch, systemClock.now());
    throw error;
  }
}

async function conductThroughRunners(session: Session): Promise<Ending> {
  for (let runner = 1; ; runner++) {
    const ending = await conductOnce(session, runner);
    if (ending.kind !== 'runner-died') return ending;
    session.log.error(`the step runner has died (${ending.how}); looking at what it left`);
    if (runner === RUNNERS) return { kind: 'troubled', why: `the step runner has died ${RUNNERS} times` };
  }
}

/** `--usetmp`: the scripts are of no use any more, and temporary directories are shared and small. */
function removeTemporaryScripts({ study }: StudyRecord): void {
  if (study.scriptDirectory !== undefined) rmSync(study.scriptDirectory, { recursive: true, force: true });
}

function describeEnding(ending: Ending): string {
  switch (ending.kind) {
    case 'over':
      return `the study has ended: ${ending.outcome}`;
    case 'stopped':
      return `the conductor leaves: ${ending.why}`;
    case 'troubled':
      return `the conductor gives up: ${ending.why}; maestro resume goes on from here`;
    case 'runner-died':
      return `the step runner has died: ${ending.how}`;
  }
}
