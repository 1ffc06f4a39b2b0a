import { hostname } from 'node:os';
import { type Clock, systemClock } from '../shared/clock.ts';
import { type Files, systemFiles } from '../shared/files.ts';
import { type ProcessTable, systemProcesses } from '../shared/process-identity.ts';
import type { Batch } from '../shared/spec/specification.ts';
import { openCopy, type StoreCopy } from '../shared/state/copy/store-copy.ts';
import type { Store } from '../shared/state/store.ts';
import type { StudyRecord } from '../shared/state/study-record.ts';
import type { Capacity } from './dispatch.ts';
import { capacityOf } from './machine.ts';
import { type Runner, type RunnerOptions, startRunner } from './runner/runner.ts';
import type { Scheduler } from './schedulers/scheduler.ts';
import { onStopSignals } from './signals.ts';

/**
 * All that a conductor touches besides the store and its log. There is one real world, `thisMachine`; the
 * simulation in the tests is another.
 */
export interface World {
  readonly host: string;
  readonly clock: Clock;
  readonly files: Files;
  readonly processes: ProcessTable;
  /** What this machine gives to a study's steps. */
  readonly capacityOf: (batch: Batch) => Capacity;
  readonly startRunner: (options: RunnerOptions) => Runner;
  readonly createScheduler: (batch: Batch) => Promise<Scheduler>;
  /** The copy of a study's store, beside it. */
  readonly openCopy: (directory: string, store: Store, record: StudyRecord) => StoreCopy;
  /** Calls back when the conductor is asked to leave; the function that it returns takes that back. */
  readonly onStopSignals: (callback: (why: string) => void) => () => void;
}

/** The machine that this process runs on. */
export const thisMachine: World = {
  host: hostname(),
  clock: systemClock,
  files: systemFiles,
  processes: systemProcesses,
  capacityOf,
  startRunner,
  async createScheduler(batch) {
    // Loaded only here: a study on one machine starts without the code that talks to schedulers.
    const { createScheduler } = await import('./schedulers/registry.ts');
    return createScheduler(batch);
  },
  openCopy,
  onStopSignals,
};
