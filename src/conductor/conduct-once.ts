import { join } from 'node:path';
import { replaceFile } from '../shared/atomic-file.ts';
import { freeDirectory } from '../shared/prepare/free-directory.ts';
import { isChange, type Journal, openJournal } from '../shared/state/journal.ts';
import { readRows } from '../shared/state/queries.ts';
import { statusCsv } from '../shared/state/status-csv.ts';
import { paramsText } from '../shared/study/params.ts';
import { grown } from '../shared/study/script/growth.ts';
import { GRACE_MS, LEAST_SLEEP_MS } from './bounds.ts';
import { capacityUnder } from './change-limits.ts';
import { watchControl } from './control-watch.ts';
import { bothExporters, createExporter, type Exporter } from './exporter.ts';
import { createInbox } from './inbox.ts';
import { type Adopted, type AdoptedPorts, adopt } from './local/adopted.ts';
import { createLoop } from './loop.ts';
import type { Ending, Message } from './loop-ports.ts';
import type { Model } from './model.ts';
import { attemptToken, type Observation } from './observation.ts';
import type { Session } from './session.ts';
import { createStepSchedulers } from './step-schedulers.ts';
import { type Stock, takeStock } from './stock.ts';

/**
 * Conducts with one step runner, the n-th of this conductor: takes stock of the store and of what earlier
 * runners have left, then loops until the study is over or has to be left.
 */
export async function conductOnce(session: Session, n: number): Promise<Ending> {
  const { directory, store, epoch, clock, log } = session;
  const inbox = createInbox<Message>(clock);
  const observed = (observation: Observation): void => inbox.push({ kind: 'observed', observation });
  const stock = takeStock(session);
  const runnerDied = (how: string): void => inbox.push({ kind: 'runner-died', how });
  const adopted = adoptRunning(session, stock, { observed, runnerDied });
  let { sleeptime } = stock.study.limits;
  const scheduler = await createStepSchedulers(session, stock, adopted, n, {
    observed,
    runnerDied,
    sleepMs: () => Math.max(LEAST_SLEEP_MS, sleeptime * 1000),
  });
  const servedRequest = store.prepare('SELECT 1 FROM request WHERE name = ?');
  const control = watchControl(directory, session.files, {
    onChange: () => inbox.wake(),
    onTrouble: (problem) => log.error(`requests cannot be taken: ${problem}; trying again`),
    isServed: (name) => servedRequest.get(name) !== undefined,
  });
  const copying = copyExporter(session);
  const offSignals = session.onStopSignals((why) => inbox.push({ kind: 'stop', why }));
  for (const observation of stock.recovery.observations) observed(observation);
  try {
    return await createLoop(stock.study, {
      clock,
      inbox,
      journal: copiedJournal(openJournal(store, epoch), session, copying),
      scheduler,
      exporter: bothExporters(copying, statusExporter(session)),
      log,
      takeRequests: () => control.take(clock.now()),
      onProgress: session.onProgress,
      moveAside: (step) => moveAside(session, step, attemptsMade(stock.study.model, step)),
      onLimits: (limits) => {
        sleeptime = limits.sleeptime;
        scheduler.resize(capacityUnder(session.capacity, limits).cores);
      },
    }).run();
  } finally {
    offSignals();
    control.close();
    scheduler.close();
  }
}

/** How many attempts have left something behind: one that this turn has opened has not begun. */
function attemptsMade(model: Model, step: number): number {
  return model.counterOf(step, 'attempts') - Number(model.flights.has(step));
}

/** A clean retry begins in an empty workspace; what the last attempt left stays beside it. */
function moveAside({ directory, files, record, log }: Session, step: number, attempts: number): void {
  const workspace = join(directory, record.expansion.workspaces[step]!);
  try {
    files.rename(workspace, freeDirectory(`${workspace}.attempt-${attempts}`, files));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') log.error((error as Error).message);
  }
}

/** Watches over what still runs of earlier conductors' attempts. */
function adoptRunning(
  { record, clock, files, processes, log, host }: Session,
  { recovery, traces, study }: Stock,
  heard: Pick<AdoptedPorts, 'observed' | 'runnerDied'>,
): Adopted {
  const { followed, orphans } = recovery;
  if (followed.length + orphans.length > 0) {
    log.info(`${followed.length + orphans.length} attempts of an earlier conductor still run`);
  }
  const followable = traces.map(({ file, offset, epoch, host: ofHost, identity }) => ({
    file,
    offset,
    epoch,
    host: ofHost,
    isAlive: () => identity !== undefined && processes.isAlive(identity),
  }));
  return adopt(followed, orphans, followable, {
    clock,
    files,
    host,
    studyToken: record.token,
    graceMs: GRACE_MS,
    ...heard,
    signalGroup: processes.signalGroup,
    coresOf: (step) => study.demandOf(step).cores,
    walltimeOf: ({ step, growth }) =>
      grown(study.demandOf(step).walltimeMs, study.retryOf(step)?.grow?.walltime, growth),
    isRunning: (pid, key) => processes.carriesAttempt(pid, attemptToken(record.token, key)),
  });
}

/** A journal whose turns are copied, soon after they have been recorded. */
function copiedJournal(journal: Journal, { copy }: Session, copying: Exporter): Journal {
  return {
    record(turn, now) {
      journal.record(turn, now);
      if (!isChange(turn)) return;
      copy.note(turn);
      copying.touch();
    },
  };
}

/** Keeps the copy of the store up to date. */
function copyExporter({ copy, clock, log }: Session): Exporter {
  let isFailing = false;
  const exporter = createExporter(
    () => {
      copy.bringUpToDate();
      isFailing = false;
    },
    () => clock.elapsed(),
    (error) => {
      if (!isFailing) log.error(`the copy of the store cannot be written: ${error.message}; trying again`);
      isFailing = true;
    },
  );
  // It is finished where the study is left, once the end is on record; no study has to wait for it.
  return { ...exporter, finish: () => undefined };
}

/** Keeps status.csv up to date, for the scripts that read it. */
function statusExporter({ directory, store, record, clock, files, log }: Session): Exporter {
  const { study, expansion } = record;
  const file = join(directory, 'status.csv');
  const write = (durable: boolean): void => {
    const params = (step: number): string => paramsText(study, expansion, step);
    replaceFile(file, statusCsv(readRows(store), params, clock.now()), { files, durable });
  };
  let isFailing = false;
  return createExporter(
    ({ isLast }) => {
      write(isLast);
      isFailing = false;
    },
    () => clock.elapsed(),
    (error) => {
      if (!isFailing) log.error(`status.csv cannot be written: ${error.message}; trying again`);
      isFailing = true;
    },
  );
}
