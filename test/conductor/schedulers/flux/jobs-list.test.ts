import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  LIST_ARGS,
  pollArgs,
  readList,
  readPoll,
  saysOnlyUnknown,
} from '../../../../src/conductor/schedulers/flux/jobs-list.ts';
import type { JobReport } from '../../../../src/conductor/schedulers/scheduler.ts';
import { type FluxFacts, formatted, readFacts } from '../../../fakes/cluster/flux-facts.ts';
import { recorded } from './recorded.ts';

const FACTS = readFacts(recorded('30-jobs-json-all').stdout);

/** What the recorded jobs become, by their names. */
function reportsOf(facts: readonly FluxFacts[]): Map<string, JobReport | undefined> {
  const [, , , format] = pollArgs([]);
  const reports = readPoll(facts.map((job) => `${formatted(format!, job)}\n`).join(''));
  return new Map(facts.map(({ id, name }) => [name, reports.get(id)]));
}

test('each recorded job is told with its state, its exit and why', () => {
  const told = [...reportsOf(FACTS)].map(([name, report]) => {
    const exit = report?.kind === 'ended' ? report.exit : undefined;
    const state = report?.kind === 'ended' ? report.outcome : report?.state;
    return [name, state, exit && ('code' in exit ? exit.code : exit), report?.words];
  });
  assert.deepEqual(told, [
    ['exped', 'QUEUED', undefined, 'SCHED'],
    ['pending', 'QUEUED', undefined, 'SCHED'],
    ['held', 'WAITING', undefined, 'SCHED (held)'],
    ['depend', 'WAITING', undefined, 'DEPEND (depends:after-success=ƒ2dU5WkyV)'],
    ['begintime', 'WAITING', undefined, 'DEPEND (depends:begin@05:42:39)'],
    ['running2', 'RUNNING', undefined, 'RUN'],
    ['running', 'RUNNING', undefined, 'RUN'],
    ['cancel-exit0', 'CANCELLED', 1, 'CANCELED (cancel)'],
    ['ignoreterm', 'CANCELLED', 137, 'CANCELED (cancel)'],
    ['killed', 'FAILED', 137, 'FAILED'],
    ['cancelheld', 'CANCELLED', undefined, 'CANCELED (cancel)'],
    ['cancelmsg', 'CANCELLED', 143, 'CANCELED (cancel: stopped by workflow)'],
    ['cancelrun', 'CANCELLED', 143, 'CANCELED (cancel)'],
    ['badout', 'FAILED', 1, 'FAILED (exec: shell_init: No such file or directory)'],
    ['badcwd', 'FINISHED', 0, 'COMPLETED'],
    ['toobig', 'FAILED', undefined, 'FAILED (alloc: unsatisfiable request)'],
    ['timeout-exit0', 'TIMEDOUT', 1, 'TIMEOUT (timeout: resource allocation expired)'],
    ['timeout', 'TIMEDOUT', 142, 'TIMEOUT (timeout: resource allocation expired)'],
    [
      'noexec',
      'FAILED',
      126,
      'FAILED (exec: task 0 (host vm): start failed: ./ok_noexec.sh: Permission denied)',
    ],
    [
      'notfound',
      'FAILED',
      127,
      'FAILED (exec: task 0 (host vm): start failed: ./nosuchprogram: No such file or directory)',
    ],
    ['selfkill', 'FAILED', 137, 'FAILED'],
    ['exit7', 'FAILED', 7, 'FAILED'],
    ['ok', 'FINISHED', 0, 'COMPLETED'],
  ]);
});

test('times are those of the run and of the end, where there are any', () => {
  const reports = reportsOf(FACTS);
  const timesOf = (name: string) => {
    const report = reports.get(name);
    assert.ok(report !== undefined);
    return [
      'startedAt' in report ? report.startedAt : undefined,
      'endedAt' in report ? report.endedAt : undefined,
    ];
  };
  assert.deepEqual(timesOf('ok'), [1795322488326, 1795322488360]);
  assert.deepEqual(timesOf('running'), [1795322559139, undefined]);
  assert.deepEqual(timesOf('toobig'), [undefined, 1795322497969]);
  assert.deepEqual(timesOf('pending'), [undefined, undefined]);
});

/** A recorded job with something else about it. */
const ended = (changes: Partial<FluxFacts>): JobReport | undefined =>
  reportsOf([{ ...FACTS.find(({ name }) => name === 'exit7')!, ...changes }]).get('exit7');

test('failures of nodes and preemptions are no fault of the step', () => {
  const exception = (type: string, note: string) => ({ occurred: true, severity: 0, type, note }) as const;
  const outcomeOf = (type: string, note: string) => {
    const report = ended({ exception: exception(type, note) });
    return report?.kind === 'ended' && report.outcome;
  };
  assert.equal(outcomeOf('exec', 'node failure on tioga18 (rank 8)'), 'HWFAILURE');
  assert.equal(outcomeOf('exec', 'lost contact with job shell on broker tioga18'), 'HWFAILURE');
  assert.equal(outcomeOf('node-failure', 'node failure on tioga18 (shell rank 1)'), 'HWFAILURE');
  assert.equal(outcomeOf('preempt', 'by somebody'), 'HWFAILURE');
  assert.equal(outcomeOf('exec', 'task 0 (host vm): start failed: ./x: not found'), 'FAILED');
  assert.equal(outcomeOf('alloc', 'unsatisfiable request'), 'FAILED');
});

test('a job in cleanup is about to finish, whatever its exit code will be', () => {
  const { stdout } = recorded('80-cleanup-state');
  const [first] = readFacts(`{"jobs": [${stdout.split('\n')[0]}]}`);
  assert.deepEqual(reportsOf([first!]).get('incleanup'), {
    kind: 'running',
    state: 'FINISHING',
    startedAt: 1795323223787,
    words: 'CLEANUP',
  });
});

test('a job with an instance of its own is told as any other', () => {
  const factsIn = (name: string) => {
    const line = recorded(name)
      .stdout.split('\n')
      .find((each) => each.startsWith('{'));
    return readFacts(`{"jobs": [${line}]}`);
  };
  const outcomes = ['80-batch-exit3', '52-batch-cancel'].map((name) => {
    const [report] = [...reportsOf(factsIn(name)).values()];
    return report?.kind === 'ended' && [report.outcome, report.exit];
  });
  assert.deepEqual(outcomes, [
    ['FAILED', { code: 3 }],
    ['CANCELLED', { code: 143 }],
  ]);
});

test('a note may hold separators and newlines', () => {
  const note = 'a|b\nc|d';
  const report = ended({ exception: { occurred: true, severity: 0, type: 'exec', note } });
  assert.equal(report?.words, 'FAILED (exec: a|b)');
});

test('whatever is printed, nothing is thrown', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      readPoll(text);
      readList(text);
      saysOnlyUnknown(text);
    }),
  );
});

test('a search reads ids and times of submission', () => {
  const format = LIST_ARGS.at(-1)!;
  const listed = readList(FACTS.map((job) => formatted(format, job)).join('\n'));
  assert.equal(listed.length, FACTS.length);
  assert.deepEqual(listed[0], { id: '3618509946880', submittedAt: 1795322560441 });
});

test('unknown ids are an answer, a broker that is gone is none', () => {
  assert.ok(saysOnlyUnknown(recorded('30-jobs-unknown-id').stderr));
  assert.ok(saysOnlyUnknown(recorded('30-jobs-two-unknown-json').stderr));
  for (const name of ['60-broker-gone-jobs', '30-jobs-malformed-id', '30-jobs-ids']) {
    assert.ok(!saysOnlyUnknown(recorded(name).stderr), name);
  }
});
