import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JobReport } from '../../../../src/conductor/schedulers/scheduler.ts';
import {
  type AccountingAnswer,
  type AccountingRow,
  readAccounting,
} from '../../../../src/conductor/schedulers/slurm/accounting.ts';
import { readQueue } from '../../../../src/conductor/schedulers/slurm/queue.ts';
import { joinAccounting, viewQueue } from '../../../../src/conductor/schedulers/slurm/reports.ts';
import { recorded } from './recorded.ts';

const QUEUE = recorded('poll-queue')[0]!.output;
const ACCOUNTS = recorded('poll-accounting')[0]!.output;

/** What a poll tells of these jobs, given what squeue and sacct print. */
function told(
  jobs: readonly string[],
  queue: string,
  accounts: string | Exclude<AccountingAnswer<never>, { kind: 'answered' }>,
): Map<string, JobReport> {
  const answer: AccountingAnswer<readonly AccountingRow[]> =
    typeof accounts === 'string' ? { kind: 'answered', value: readAccounting(accounts) } : accounts;
  return joinAccounting(viewQueue(readQueue(queue), jobs), answer, jobs);
}

const ABSENT = { kind: 'absent' } as const;
const states = (reports: Map<string, JobReport>) =>
  [...reports].map(([job, report]) => [job, report.kind === 'ended' ? report.outcome : report.state]);

test('the queue alone tells of all that it has, arrays by their elements', () => {
  const jobs = ['6', '2_8', '3', '7', '18_0', '18_3', '4_0', '4_4', '8', '99'];
  assert.deepEqual(states(told(jobs, QUEUE, ABSENT)), [
    ['6', 'FINISHED'],
    ['2_8', 'FAILED'],
    ['3', 'FAILED'],
    ['7', 'WAITING'],
    ['18_0', 'RUNNING'],
    ['18_3', 'QUEUED'],
    ['4_0', 'WAITING'],
    ['4_4', 'WAITING'],
    ['8', 'FAILED'],
  ]);
});

test('an end has its exit, its times in milliseconds, and the words of Slurm', () => {
  assert.deepEqual(told(['2_8'], QUEUE, ABSENT).get('2_8'), {
    kind: 'ended',
    outcome: 'FAILED',
    exit: { code: 3 },
    startedAt: 1795335378_000,
    endedAt: 1795335378_000,
    words: 'FAILED (NonZeroExitCode)',
  });
  assert.deepEqual(told(['18_0'], QUEUE, ABSENT).get('18_0'), {
    kind: 'running',
    state: 'RUNNING',
    startedAt: 1795335382_000,
    words: 'RUNNING',
  });
});

test('accounting adds what was used, and changes nothing else', () => {
  const alone = told(['6'], QUEUE, ABSENT).get('6')!;
  const usage = { userMs: 95, systemMs: 75, maxRssKib: 66096 };
  assert.deepEqual(told(['6'], QUEUE, ACCOUNTS).get('6'), { ...alone, usage });
});

test('accounting that lags behind the queue is not believed', () => {
  const lagging = '6|RUNNING|0:0|1795335375|Unknown|00:00:00|00:00:00|\n';
  assert.deepEqual(told(['6'], QUEUE, lagging), told(['6'], QUEUE, ABSENT));
});

test('what has left the queue is told by accounting', () => {
  assert.deepEqual(told(['2_8', '6', '18_0', '18_3'], '', ACCOUNTS).get('2_8'), {
    kind: 'ended',
    outcome: 'FAILED',
    exit: { code: 3 },
    startedAt: 1795335378_000,
    endedAt: 1795335378_000,
    words: 'FAILED',
  });
  assert.deepEqual(states(told(['6', '18_0', '18_3'], '', ACCOUNTS)), [
    ['6', 'FINISHED'],
    ['18_0', 'CANCELLED'],
    ['18_3', 'CANCELLED'],
  ]);
});

test('what has left the queue and still runs by accounting is unknown: its end was lost', () => {
  assert.equal(told(['6'], '', '6|RUNNING|0:0|1795335375|Unknown|00:00:00|00:00:00|\n').size, 0);
  assert.equal(told(['6'], '', '').size, 0);
  assert.equal(told(['6'], '', ABSENT).size, 0);
});

test('while accounting does not answer, what has left the queue is neither lost nor ended', () => {
  assert.deepEqual(told(['6'], '', { kind: 'down', words: 'Connection refused' }).get('6'), {
    kind: 'running',
    state: 'FINISHING',
    words: 'has left the queue; accounting does not answer: Connection refused',
  });
});

test('an array that was cancelled before any of it ran is told by its own id', () => {
  const jobs = ['5_0', '5_1', '5_2', '5_3'];
  assert.deepEqual(
    states(told(jobs, QUEUE, ABSENT)),
    jobs.map((job) => [job, 'CANCELLED']),
  );
  assert.deepEqual(
    states(told(jobs, '', ACCOUNTS)),
    jobs.map((job) => [job, 'CANCELLED']),
  );
});

test('an element that vanished from an array that is still there was cancelled while it waited', () => {
  assert.deepEqual(states(told(['4_1'], QUEUE, ACCOUNTS)), [['4_1', 'CANCELLED']]);
  // Without accounting it may as well have run and been forgotten.
  assert.equal(told(['4_1'], QUEUE, ABSENT).size, 0);
  assert.equal(told(['77_1'], QUEUE, ACCOUNTS).size, 0);
});

test('the last element to start takes over the id of the array, which says nothing of the others', () => {
  const queue = '14_4|RUNNING|0|1795335020|1795335620|None|\n';
  assert.deepEqual(states(told(['14_4'], queue, ABSENT)), [['14_4', 'RUNNING']]);
});

test('an end by Slurm has no exit code 0', () => {
  const queue =
    '5|CANCELLED|0|10|10|JobHeldUser|\n6|TIMEOUT|0|10|20|TimeLimit|\n7|NODE_FAIL|0|10|20|NodeDown|\n';
  const reports = told(['5', '6', '7'], queue, ABSENT);
  for (const report of reports.values()) assert.ok(report.kind === 'ended' && report.exit === undefined);
});

test('accounting is asked for jobs by their own ids, and for those that are gone by their arrays', () => {
  const view = viewQueue(readQueue(QUEUE), ['2_8', '6', '18_0', '4_1', '4_2', 'no id']);
  assert.deepEqual(view.ask, ['2_8', '6', '4']);
  assert.deepEqual(view.gone, ['4_1', '4_2', 'no id']);
});

test('five thousand jobs in the queue are read in the blink of an eye', () => {
  const jobs = Array.from({ length: 5000 }, (_, index) => String(index + 1));
  const text = jobs.map((job) => `${job}|PENDING|0|N/A|N/A|Priority|\n`).join('');
  const began = performance.now();
  assert.equal(told(jobs, text, ABSENT).size, 5000);
  assert.ok(performance.now() - began < 1000);
});
