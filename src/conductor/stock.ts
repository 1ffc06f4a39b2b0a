import { join } from 'node:path';
import { readDoomed, readLimits, readSummary } from '../shared/state/queries.ts';
import { scriptBase } from '../shared/study/names.ts';
import { RESUBMITS } from './bounds.ts';
import { capacityUnder } from './change-limits.ts';
import { type OpenAttempt, type Recovery, readOpenAttempts, recover } from './local/recover.ts';
import { type ReadTrace, readTraces } from './local/runner-traces.ts';
import { createDemand } from './local/step-writer.ts';
import type { LoopStudy } from './loop-ports.ts';
import type { Demand, Flight, Model } from './model.ts';
import { type AttemptKey, attemptToken } from './observation.ts';
import type { Session } from './session.ts';
import { loadModel } from './stored-model.ts';

/** What a conductor finds when it begins: the study as the store has it, and what became of open attempts. */
export interface Stock {
  readonly study: LoopStudy;
  readonly recovery: Recovery;
  readonly traces: readonly ReadTrace[];
  /** Open attempts that a batch scheduler has, or may have. */
  readonly submitted: readonly OpenAttempt[];
  /** Whether a step goes to the batch scheduler. */
  readonly isScheduled: (step: number) => boolean;
}

/** Takes stock: reads the store, the records of earlier runners and, where those end, the process table. */
export function takeStock(session: Session): Stock {
  const { directory, store, record, host, clock, processes, log } = session;
  const { study, expansion } = record;
  const limits = readLimits(store);
  const capacity = capacityUnder(session.capacity, limits);
  const isScheduled = (step: number): boolean =>
    study.batch.type !== 'local' && study.steps[expansion.template[step]!]!.isScheduled;
  const all = readOpenAttempts(store);
  const open = all.filter(({ step }) => !isScheduled(step));
  const traces = readTraces(directory, new Set(open.map(({ epoch }) => epoch)), session);
  // One look at the process table serves all attempts; without any there is nothing to look for.
  const running = open.length === 0 ? new Map<string, number[]>() : processes.findAttempts();
  const recovery = recover(open, traces, record.token, clock.now(), {
    host,
    bootId: processes.bootId(),
    stepOf: (key: AttemptKey) => running.get(attemptToken(record.token, key))?.find(processes.leadsGroup),
    hasOutput: (attempt) => hasOutput(session, attempt),
  });
  const demandOf = createDemand(record, session.capacity, (message) => log.warn(message));
  return {
    recovery,
    traces,
    submitted: all.filter(({ step }) => isScheduled(step)),
    isScheduled,
    study: {
      model: modelWithFlights(session, all, demandOf, Math.max(session.capacity.cores, capacity.cores)),
      isLocal: study.batch.type === 'local',
      capacity: session.capacity,
      host,
      limits,
      isCancelling: readSummary(store).cancelRequestedAt !== undefined,
      isPaused: readSummary(store).isPaused,
      doomed: readDoomed(store),
      demandOf,
      hasScheduled: study.batch.type !== 'local' && study.steps.some(({ isScheduled }) => isScheduled),
      resubmits: study.batch.resubmits ?? RESUBMITS,
      hasRestart: (step) => study.steps[expansion.template[step]!]!.restart !== undefined,
      retryOf: (step) => study.steps[expansion.template[step]!]!.retry,
      nameOf: (step) => expansion.names[step]!,
    },
  };
}

function modelWithFlights(
  session: Session,
  open: readonly OpenAttempt[],
  demandOf: (step: number) => Demand,
  mostCores: number,
): Model {
  const { store, record } = session;
  const flights = open.map(({ step, number, gpus }): Flight => {
    const cores = Math.min(demandOf(step).cores, mostCores);
    return { step, number, cores, gpus: gpus === '' ? [] : gpus.split(',').map(Number) };
  });
  return loadModel(store, record, flights);
}

/**
 * Whether an attempt's workspace holds an output file that no earlier attempt of the step can have left there.
 * Output files are named by process id and appear before the step's first command. One that has the id of an earlier
 * attempt is that attempt's, unless it was written since: ids are given again. How many there are tells nothing, as
 * a workspace may have been moved aside or tidied up in between.
 */
function hasOutput({ directory, files, store, record }: Session, attempt: OpenAttempt): boolean {
  const { study, expansion } = record;
  const { step, number, submittedAt } = attempt;
  const base = `${scriptBase(study, expansion, step)}.`;
  const workspace = join(directory, expansion.workspaces[step]!);
  const earlier = new Set(
    store
      .prepare('SELECT job FROM attempt WHERE step = ? AND number < ? AND job IS NOT NULL')
      .pluck()
      .all(step, number) as string[],
  );
  const isOfThisAttempt = (name: string): boolean => {
    const pid = name.startsWith(base) ? /^(\d+)\.out$/.exec(name.slice(base.length))?.[1] : undefined;
    if (pid === undefined) return false;
    return !earlier.has(pid) || files.modifiedAt(join(workspace, name)) >= submittedAt;
  };
  try {
    return files.list(workspace).some(isOfThisAttempt);
  } catch (error) {
    // A workspace that cannot be read may hold anything.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
