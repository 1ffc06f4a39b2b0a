import assert from 'node:assert/strict';
import type { JobReport, Submission } from '../../../src/conductor/schedulers/scheduler.ts';
import { memoryScheduler } from '../../fakes/memory-scheduler.ts';
import { type Behaviour, type SchedulerHarness, schedulerContract, type Wish } from './contract.ts';

/** The scheduler in memory that other tests lean on, held to what they take it for. */
async function memoryHarness(): Promise<SchedulerHarness> {
  const scheduler = memoryScheduler();
  scheduler.limit = 1000;
  const planned = new Map<string, { readonly behaviours: readonly Behaviour[]; readonly wish: Wish }>();
  const jobsOf = new Map<string, readonly string[]>();
  const { submit } = scheduler;
  scheduler.submit = async (submissions) => {
    const answers = [];
    for (const submission of submissions) {
      const { behaviours, wish } = planned.get(submission.id) ?? assert.fail(submission.id);
      if (wish.allocation?.queue === 'nosuch')
        scheduler.next.unshift({ kind: 'rejected', words: 'no such queue' });
      const before = new Set(scheduler.reports.keys());
      answers.push(...(await submit([submission])));
      const jobs = [...scheduler.reports.keys()].filter((job) => !before.has(job));
      jobsOf.set(submission.id, jobs);
      for (const [index, job] of jobs.entries()) {
        if (wish.held !== true) scheduler.reports.set(job, reportOf(behaviours[index]!));
      }
    }
    return answers;
  };
  const conclude = (jobs: readonly string[], report: JobReport): void => {
    for (const job of jobs)
      if (scheduler.reports.get(job)?.kind === 'running') scheduler.reports.set(job, report);
  };
  return {
    scheduler,
    submission: (behaviours, wish = {}) => {
      const id = `memory-${planned.size + 1}`;
      planned.set(id, { behaviours, wish });
      return submissionOf(id, behaviours.length);
    },
    release: ({ id }) => conclude(jobsOf.get(id) ?? [], reportOf({ kind: 'exits', code: 0 })),
    refusal: { wish: { allocation: { queue: 'nosuch' } }, words: /no such queue/ },
    loseNextAnswer: () => scheduler.next.push({ kind: 'lost' }),
    expire: async (job) => conclude([job], { kind: 'ended', outcome: 'TIMEDOUT', words: 'TIMEOUT' }),
    failNode: async () => {
      conclude([...scheduler.reports.keys()], { kind: 'ended', outcome: 'HWFAILURE', words: 'NODE_FAIL' });
    },
    forgetEnded: async () => {
      for (const [job, { kind }] of scheduler.reports) if (kind === 'ended') scheduler.reports.delete(job);
    },
    hasAccounting: false,
    takeDown: async () => {
      scheduler.isDown = true;
    },
    bringUp: async () => {
      scheduler.isDown = false;
    },
    close: async () => undefined,
  };
}

function submissionOf(id: string, members: number): Submission {
  const member = { token: id, name: id, workspace: '/', script: '/none' };
  return { id, file: `/jobs/${id}.sh`, directory: '/', members: Array(members).fill(member), allocation: {} };
}

/** What a job that behaves so is told to be once the scheduler has taken it. */
function reportOf(behaviour: Behaviour): JobReport {
  const now = Date.now();
  const ended = (code: number): JobReport => ({
    kind: 'ended',
    outcome: code === 0 ? 'FINISHED' : 'FAILED',
    exit: { code },
    startedAt: now,
    endedAt: now,
    words: `exit code ${code}`,
  });
  switch (behaviour.kind) {
    case 'exits':
      return ended(behaviour.code);
    case 'signalled':
      return ended(128 + behaviour.signal);
    case 'killed':
      return { kind: 'ended', outcome: 'FAILED', exit: { signal: 9 }, words: 'signal 9' };
    case 'prints':
      return ended(0);
    case 'stays':
      return { kind: 'running', state: 'RUNNING', startedAt: now, words: 'RUNNING' };
  }
}

schedulerContract('the scheduler in memory', memoryHarness);
