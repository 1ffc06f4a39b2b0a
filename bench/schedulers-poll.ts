import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Launch } from '../src/conductor/dispatch.ts';
import { attemptToken, type Observation } from '../src/conductor/observation.ts';
import { BatchScheduler } from '../src/conductor/schedulers/batch-scheduler.ts';
import { type Command, runCommand } from '../src/conductor/schedulers/command.ts';
import { openJobFiles } from '../src/conductor/schedulers/job-files.ts';
import type { PreparedJob } from '../src/conductor/schedulers/prepare-job.ts';
import type { Scheduler } from '../src/conductor/schedulers/scheduler.ts';
import { createSlurmScheduler } from '../src/conductor/schedulers/slurm/slurm-scheduler.ts';
import { systemClock } from '../src/shared/clock.ts';
import type { PrivateSlurm } from '../test/conductor/schedulers/slurm/private-slurm.ts';
import { type Bench, runIfMain } from './claim.ts';
import { median, use } from './measure.ts';
import { withSlurm } from './slurm.ts';

const JOBS = 500;
const POLLS = 21;
const LIMIT_MILLISECONDS = 30;
const TOKEN = 'abcdefabcdef';

/** What one poll took, in milliseconds, and the call of squeue that was in it. */
interface Poll {
  readonly milliseconds: number;
  readonly processor: number;
  readonly squeue: Command;
}

/** The coordinator and the Slurm adapter as a conductor has them, with jobs of their own in the queue. */
class PolledJobs {
  private readonly batch: BatchScheduler;
  private squeue: Command | undefined;
  private began = { at: 0, processor: 0 };
  private seen = 0;
  private polled: (poll: Poll) => void = () => undefined;
  private failed: (error: Error) => void = () => undefined;

  constructor(directory: string, slurm: PrivateSlurm) {
    this.batch = new BatchScheduler({
      clock: systemClock,
      scheduler: this.timed(
        createSlurmScheduler({
          environment: slurm.environment,
          run: (command) => {
            if (command.program === 'squeue') this.squeue = command;
            return runCommand(command);
          },
        }),
      ),
      files: openJobFiles(directory),
      log: { info: () => undefined, warn: (line) => this.fail(line), error: (line) => this.fail(line) },
      studyToken: TOKEN,
      arrays: false,
      prepare: (launch) => prepareHeld(directory, launch),
      sleepMs: () => 100,
      observed: (observation) => this.observe(observation),
    });
  }

  /** Submits the jobs; the first poll comes after the last of them. */
  submit(): void {
    const flights = Array.from({ length: JOBS }, (_, step) => ({ step, number: 1, cores: 0, gpus: [] }));
    this.batch.launch(flights.map((flight) => ({ flight, script: 'main', walltimeMs: 0, growth: 0 })));
  }

  /** The next poll, once the coordinator has told of all jobs what it says. */
  next(): Promise<Poll> {
    return new Promise((polled, failed) => {
      this.polled = polled;
      this.failed = failed;
    });
  }

  close(): void {
    this.batch.close();
  }

  private timed(scheduler: Scheduler): Scheduler {
    return {
      submit: (submissions) => scheduler.submit(submissions),
      cancel: (jobs) => scheduler.cancel(jobs),
      find: (submissions) => scheduler.find(submissions),
      arrayLimit: () => scheduler.arrayLimit(),
      poll: (jobs) => {
        this.seen = 0;
        this.began = { at: performance.now(), processor: processorNow() };
        return scheduler.poll(jobs);
      },
    };
  }

  private observe({ kind }: Observation): void {
    if (kind === 'accepted') return;
    if (kind !== 'reported') this.fail(`a job was ${kind}`);
    if (++this.seen < JOBS) return;
    const { at, processor } = this.began;
    this.polled({
      milliseconds: performance.now() - at,
      processor: processorNow() - processor,
      squeue: this.squeue!,
    });
  }

  private fail(words: string): void {
    this.failed(new Error(words));
  }
}

/** Milliseconds of processor time that this process has used. */
function processorNow(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function prepareHeld(directory: string, { flight: { step, number } }: Launch): PreparedJob {
  const workspace = join(directory, String(step));
  const script = join(workspace, 'step.slurm.sh');
  mkdirSync(workspace, { recursive: true });
  writeFileSync(script, '#!/bin/sh\n', { mode: 0o700 });
  const name = `step_${step}`;
  return {
    key: { step, number },
    request: { token: attemptToken(TOKEN, { step, number }), name, workspace, script },
    header: ['#SBATCH --nodes=1', `#SBATCH --job-name="${name}"`, '#SBATCH --hold'],
    output: name,
    allocation: { nodes: 1 },
  };
}

/** What it costs to ask Slurm for all jobs and to understand the answer, beyond the command that is asked with. */
export const schedulersPoll: Bench = {
  work: `a poll of ${JOBS} jobs in Slurm`,
  measure: () =>
    withSlurm(async (slurm, { directory }) => {
      const jobs = new PolledJobs(directory, slurm);
      const polls: Poll[] = [];
      const bare: number[] = [];
      try {
        jobs.submit();
        // The first one compiles what the others use.
        await jobs.next();
        while (polls.length < POLLS) {
          const poll = await jobs.next();
          const { program, args, environment } = poll.squeue;
          const { seconds, stdout } = use([program, ...args], { env: environment });
          const lines = stdout.trimEnd().split('\n').length;
          if (lines !== JOBS) throw new Error(`squeue has told of ${lines} jobs`);
          polls.push(poll);
          bare.push(seconds * 1000);
        }
      } finally {
        jobs.close();
      }
      const ours = median(polls.map(({ milliseconds }) => milliseconds));
      const processor = median(polls.map((poll) => poll.processor));
      const figures = `${ours.toFixed(1)} ms against ${median(bare).toFixed(1)} ms`;
      return [
        {
          what: 'beyond squeue itself',
          limit: LIMIT_MILLISECONDS,
          measured: ours - median(bare),
          unit: 'milliseconds',
          detail: `${figures}, ${processor.toFixed(1)} ms of them our processor time`,
        },
      ];
    }),
};

await runIfMain(import.meta.url, schedulersPoll);
