import { discardRequests } from '../shared/control.ts';
import { UserError } from '../shared/errors.ts';
import { settleEdition } from '../shared/prepare/edition-files.ts';
import type { ProcessIdentity } from '../shared/process-identity.ts';
import { hasRepairs } from '../shared/repair-request.ts';
import { LeaseLost } from '../shared/state/journal.ts';
import { acquireLease, describeHolder, type Lease, releaseLease } from '../shared/state/lease.ts';
import { readSummary, type StudyOutcome } from '../shared/state/queries.ts';
import type { Store } from '../shared/state/store.ts';
import { readStudy, type StudyRecord } from '../shared/state/study-record.ts';
import { conductOnce } from './conduct-once.ts';
import type { Ending, LogLine, Progress } from './loop-ports.ts';
import type { Session } from './session.ts';
import type { World } from './world.ts';

/** An open log of a conductor. */
export interface StudyLog {
  readonly logger: LogLine & { fatal(details: { readonly err: unknown }, message: string): void };
  close(): void;
}

/** A study whose store is open, and what its conductor is asked for. */
export interface StudyAtHand {
  readonly directory: string;
  readonly store: Store;
  /** The process that is to conduct it. */
  readonly self: ProcessIdentity;
  /** Opens the log; called once at most. Throws a UserError where it cannot be written. */
  readonly openLog: (record: StudyRecord) => StudyLog;
  /** Called once the lease is held and the store is read: from here on the study is being conducted. */
  /** Throws where the store or its plan is damaged. */
  readonly check?: (record: StudyRecord) => void;
  readonly onStarted?: (study: StudyRecord) => void;
  readonly onProgress?: (progress: Progress, nameOf: (step: number) => string) => void;
}

/** How often a runner that was killed is replaced before the conductor gives up. */
const RUNNERS = 5;

/**
 * Conducts a study until it ends or the conductor is asked to stop. Throws a UserError where another conductor
 * holds its lease, and for a dry run.
 */
export async function conductStudy(study: StudyAtHand, world: World): Promise<Ending> {
  const { directory, store, self } = study;
  const { host, clock, files, processes } = world;
  const { outcome } = readSummary(store);
  // A request to run steps again opens a study that has ended.
  const isClosed = outcome === 'dry' || !hasRepairs(directory, files);
  if (outcome !== undefined && isClosed) return leaveEnded(outcome, study, world);
  const acquired = acquireLease(store, self, clock.now(), { host, isAlive: processes.isAlive });
  if (acquired.kind === 'held') {
    throw new UserError(`the study is conducted by ${describeHolder(acquired.holder)}`);
  }
  const { record, log } = begin(study, acquired.epoch, world);
  try {
    return await hold({ ...study, ...acquired, record }, log.logger, world);
  } finally {
    log.close();
  }
}

/** Reads the study, ends what was begun with its specification, and opens its log; else gives the lease back. */
function begin(
  study: StudyAtHand,
  epoch: number,
  { clock, files }: World,
): { readonly record: StudyRecord; readonly log: StudyLog } {
  try {
    const record = readStudy(study.store);
    study.check?.(record);
    settleEdition(study.directory, record.edition, files);
    return { record, log: study.openLog(record) };
  } catch (error) {
    releaseLease(study.store, epoch, clock.now());
    throw error;
  }
}

/** A study that has ended stays as it is. Requests that came too late are removed, with a word. */
function leaveEnded(outcome: StudyOutcome, study: StudyAtHand, { files }: World): Ending {
  const { directory, store } = study;
  if (outcome === 'dry') {
    throw new UserError(`${directory} is a dry run`, 'run the specification without --dry');
  }
  const record = readStudy(store);
  study.onStarted?.(record);
  const removed = discardRequests(directory, files);
  if (removed.length > 0) {
    const log = study.openLog(record);
    for (const name of removed) log.logger.info(`${name} is removed: the study has ended`);
    log.close();
  }
  return { kind: 'over', outcome };
}

/** A study that this conductor holds the lease of. */
interface HeldStudy extends StudyAtHand {
  readonly record: StudyRecord;
  readonly epoch: number;
  readonly replaced: Lease | undefined;
}

/** Conducts while the lease is held, and gives it back. */
async function hold(study: HeldStudy, logger: StudyLog['logger'], world: World): Promise<Ending> {
  const { directory, store, self, record, epoch, replaced } = study;
  const { study: plan, expansion } = record;
  logger.info(`conductor ${self.pid} on ${world.host} conducts ${plan.name} (${expansion.count} steps)`);
  if (replaced !== undefined) logger.warn(`took over from ${describeHolder(replaced)}, which has died`);
  study.onStarted?.(record);
  const copy = world.openCopy(directory, store, record);
  const session: Session = {
    ...world,
    directory,
    store,
    record,
    copy,
    epoch,
    capacity: world.capacityOf(plan.batch),
    log: logger,
    onProgress: (progress) => study.onProgress?.(progress, (step) => expansion.names[step]!),
  };
  try {
    bringUpToDate(session);
    const ending = await conductThroughRunners(session);
    bringUpToDate(session);
    logger.info(describeEnding(ending));
    if (ending.kind === 'over') removeTemporaryScripts(session);
    giveBack(study, logger, world);
    return ending;
  } catch (error) {
    if (error instanceof LeaseLost) {
      logger.error(error.message);
      return { kind: 'troubled', why: error.message };
    }
    logger.fatal({ err: error }, 'the conductor has failed; maestro resume goes on from here');
    giveBack(study, logger, world);
    throw error;
  }
}

/** A lease that cannot be given back, on a disk that is full, ends with the process that holds it. */
function giveBack({ store, epoch }: HeldStudy, logger: LogLine, { clock }: World): void {
  try {
    releaseLease(store, epoch, clock.now());
  } catch (error) {
    logger.error(`the lease cannot be given back: ${(error as Error).message}`);
  }
}

/** A study is conducted without a copy of its store rather than not at all. */
function bringUpToDate({ copy, log }: Session): void {
  try {
    copy.bringUpToDate();
  } catch (error) {
    log.error(`the copy of the store cannot be written: ${(error as Error).message}`);
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
function removeTemporaryScripts({ record, files }: Session): void {
  const { scriptDirectory } = record.study;
  if (scriptDirectory !== undefined) files.remove(scriptDirectory);
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
