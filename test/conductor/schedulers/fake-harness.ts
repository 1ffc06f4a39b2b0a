import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunCommand, runCommand } from '../../../src/conductor/schedulers/command.ts';
import type { Scheduler } from '../../../src/conductor/schedulers/scheduler.ts';
import type { FakeJob } from '../../fakes/cluster/cluster.ts';
import type { FakeOptions, FakeScheduler } from '../../fakes/cluster/fake-scheduler.ts';
import type { SchedulerHarness, Wish } from './contract.ts';
import { ScriptSubmissions } from './script-submissions.ts';

/** What is peculiar to one fake. */
export interface FakeKind<Fake extends FakeScheduler<unknown>> {
  start(options: FakeOptions): Promise<Fake>;
  adapter(fake: Fake, run: RunCommand): Scheduler;
  header(wish: Wish): readonly string[];
  /** A wish as this scheduler's allocation has it; as it is if absent. */
  wish?(wish: Wish): Wish;
  readonly refusal: SchedulerHarness['refusal'];
  readonly hasAccounting: boolean;
  /** Which call submits. */
  isSubmission(program: string, args: readonly string[]): boolean;
  /** The id of a job as the fake has it, from the text that the adapter gave. */
  idOf?(job: string): string;
}

/** A fake scheduler for the contract. */
export async function fakeHarness<Fake extends FakeScheduler<unknown>>(
  kind: FakeKind<Fake>,
): Promise<SchedulerHarness> {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-fake-'));
  const state = join(directory, 'scheduler');
  mkdirSync(state);
  const fake = await kind.start({ directory: state });
  let losing = 0;
  const run: RunCommand = async (command) => {
    const result = await runCommand(command);
    if (losing === 0 || !kind.isSubmission(command.program, command.args)) return result;
    losing--;
    return { kind: 'cut', words: 'the answer was lost' };
  };
  const submissions = new ScriptSubmissions(join(directory, 'jobs'), (wish) => kind.header(wish));
  const jobOf = (job: string): FakeJob<unknown> => {
    const found = fake.cluster.jobs.get(kind.idOf?.(job) ?? job);
    if (found === undefined) throw new Error(`the fake has no job ${job}`);
    return found;
  };
  return {
    scheduler: kind.adapter(fake, run),
    submission: (behaviours, wish) => submissions.make(behaviours, wish && (kind.wish?.(wish) ?? wish)),
    release: (submission) => submissions.release(submission),
    refusal: kind.refusal,
    loseNextAnswer: () => {
      losing++;
    },
    expire: async (job) => fake.cluster.expire(jobOf(job)),
    failNode: async () => fake.cluster.failNode(),
    forgetEnded: async () => {
      fake.cluster.forgetEnded();
    },
    hasAccounting: kind.hasAccounting,
    takeDown: () => fake.server.takeDown(),
    bringUp: () => fake.server.bringUp(),
    close: async () => {
      await fake.server.takeDown();
      await fake.cluster.stop();
      rmSync(directory, { recursive: true });
    },
  };
}
