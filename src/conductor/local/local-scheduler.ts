import { GRACE_MS } from '../bounds.ts';
import type { Launch } from '../dispatch.ts';
import type { LogLine, StepScheduler } from '../loop-ports.ts';
import { type AttemptKey, attemptToken, type Observation, parseAttemptToken } from '../observation.ts';
import type { StartOrder } from '../runner/commands.ts';
import type { Runner } from '../runner/runner.ts';
import { isOutage } from '../settle.ts';
import type { World } from '../world.ts';
import type { Adopted } from './adopted.ts';
import { observationOf } from './record-observation.ts';
import { recordsFile } from './runner-traces.ts';

/** Where a step's files are once they are written. */
export interface StepFiles {
  readonly directory: string;
  readonly script: string;
  /** Prefix of the output files in the directory. */
  readonly output: string;
}

/** The study whose steps are started here, and what is needed of the world for it. */
export interface LocalSchedulerInput {
  readonly studyDirectory: string;
  readonly studyToken: string;
  readonly epoch: number;
  /** Counts the runners of this conductor, from 1. */
  readonly runnerNumber: number;
  /** What its steps may use together, to begin with. */
  readonly cores: number;
  readonly adopted: Adopted;
  readonly world: World;
  readonly log: LogLine;
  readonly observed: (observation: Observation) => void;
  /** Writes the step's workspace and scripts; throws what the file system throws. */
  readonly writeStep: (launch: Launch) => StepFiles;
  /** The runner is gone though nobody closed it; its attempts need to be judged, and the study to stop. */
  readonly runnerDied: (how: string) => void;
}

/** Runs steps on this machine, as many at once as its cores allow. */
export interface LocalScheduler extends StepScheduler {
  /** Changes how many cores the steps may use together. What runs goes on. */
  resize(cores: number): void;
}

/**
 * Runs steps on this machine through the runner. The runner does the starting and waiting; here orders are
 * made of launches, and observations of records.
 */
export function createLocalScheduler(input: LocalSchedulerInput): LocalScheduler {
  const { studyDirectory, studyToken, epoch, runnerNumber, adopted, world, log, observed } = input;
  let closing = false;
  let runner: Runner | undefined;
  let { cores } = input;
  const freeCores = (): number => Math.max(0, cores - adopted.cores);
  adopted.onEnded(() => runner?.setCapacity(freeCores(), 0));

  const start = (): Runner => {
    const file = recordsFile(studyDirectory, epoch, runnerNumber, world);
    const started = world.startRunner({ recordsFile: file, cores: freeCores(), inFlight: 0 });
    if (started.kind === 'shell') {
      log.warn('steps are started by the shell worker: the native runner was not built, or is not wanted');
    }
    started.onRecords((records) => {
      for (const record of records) {
        const observation = observationOf(record, studyToken);
        if (observation !== undefined) observed(observation);
      }
    });
    started.onExit((code, signal, said) => {
      if (!closing) input.runnerDied(said || (signal === null ? `exit code ${code}` : `signal ${signal}`));
    });
    return started;
  };

  return {
    launch(launches) {
      const orders: StartOrder[] = [];
      for (const launch of launches) {
        const order = orderOf(input, launch);
        if ('kind' in order) observed(order);
        else orders.push(order);
      }
      try {
        runner ??= start();
      } catch (error) {
        if (!isOutage((error as NodeJS.ErrnoException).code ?? '')) throw error;
        for (const { token } of orders)
          observed(unstartable(input, parseAttemptToken(studyToken, token)!, error));
        return;
      }
      runner.start(orders);
    },
    cancel(attempts) {
      // The youngest first: what waits at the runner must not begin when what runs ends.
      for (const key of [...attempts].reverse()) {
        if (!adopted.cancel(key)) runner?.cancel(attemptToken(studyToken, key), GRACE_MS);
      }
    },
    resize(wanted) {
      cores = wanted;
      runner?.setCapacity(freeCores(), 0);
    },
    close() {
      closing = true;
      runner?.close();
      adopted.close();
    },
  };
}

function orderOf(input: LocalSchedulerInput, launch: Launch): StartOrder | Observation {
  const { step, number, cores, gpus } = launch.flight;
  try {
    const files = input.writeStep(launch);
    return {
      token: attemptToken(input.studyToken, { step, number }),
      cores,
      gpus,
      walltimeMs: launch.walltimeMs,
      graceMs: GRACE_MS,
      directory: files.directory,
      script: files.script,
      output: files.output,
    };
  } catch (error) {
    return unstartable(input, { step, number }, error);
  }
}

function unstartable(
  { world }: LocalSchedulerInput,
  { step, number }: AttemptKey,
  error: unknown,
): Observation {
  const errno = (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';
  return { kind: 'unstartable', step, number, at: world.clock.now(), errno, stage: 'script' };
}
