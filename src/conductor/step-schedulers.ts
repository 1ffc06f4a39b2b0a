import { capacityUnder } from './change-limits.ts';
import type { Adopted } from './local/adopted.ts';
import { createLocalScheduler, type LocalScheduler } from './local/local-scheduler.ts';
import { createStepWriter } from './local/step-writer.ts';
import type { StepScheduler } from './loop-ports.ts';
import { createMixedScheduler } from './mixed-scheduler.ts';
import { attemptToken, type Observation } from './observation.ts';
import { BatchScheduler } from './schedulers/batch-scheduler.ts';
import { openJobFiles } from './schedulers/job-files.ts';
import { createJobPreparation } from './schedulers/prepare-job.ts';
import type { Session } from './session.ts';
import type { Stock } from './stock.ts';

/** What step schedulers tell, and what they need to be told. */
export interface SchedulerPorts {
  readonly observed: (observation: Observation) => void;
  readonly runnerDied: (how: string) => void;
  /** Milliseconds between two polls of a batch scheduler. */
  readonly sleepMs: () => number;
}

/** All that this study's steps run through: the runner on this machine, and a batch scheduler if there is one. */
export async function createStepSchedulers(
  session: Session,
  stock: Stock,
  adopted: Adopted,
  runnerNumber: number,
  ports: SchedulerPorts,
): Promise<LocalScheduler> {
  const { directory, record, epoch, log } = session;
  const local = createLocalScheduler({
    studyDirectory: directory,
    studyToken: record.token,
    epoch,
    runnerNumber,
    cores: capacityUnder(session.capacity, stock.study.limits).cores,
    adopted,
    world: session,
    log,
    observed: ports.observed,
    writeStep: createStepWriter(record, session.files),
    runnerDied: ports.runnerDied,
  });
  if (!stock.study.hasScheduled) return local;
  return createMixedScheduler(local, await createBatch(session, stock, ports), stock.isScheduled);
}

async function createBatch(
  session: Session,
  stock: Stock,
  { observed, sleepMs }: SchedulerPorts,
): Promise<StepScheduler> {
  const { directory, record, log, clock } = session;
  const { batch } = record.study;
  const files = openJobFiles(directory, session.files, clock.now);
  const scheduler = new BatchScheduler({
    clock,
    scheduler: await session.createScheduler(batch),
    files,
    log,
    studyToken: record.token,
    arrays: batch.arrays ?? true,
    prepare: createJobPreparation(record, session.files),
    sleepMs,
    observed,
  });
  scheduler.adopt(
    stock.submitted.map(({ step, number, job }) => {
      return { step, number, job, token: attemptToken(record.token, { step, number }) };
    }),
  );
  const stopWatching = session.files.watch(files.directory, () => scheduler.nudge());
  return {
    launch: (launches) => scheduler.launch(launches),
    cancel: (attempts) => scheduler.cancel(attempts),
    close: () => {
      stopWatching();
      scheduler.close();
    },
  };
}
