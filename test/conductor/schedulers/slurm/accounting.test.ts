import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  accountingAnswer,
  accountingArgs,
  accountingSearchArgs,
  findInAccounting,
  knowsNoSubmitLine,
  readAccounting,
} from '../../../../src/conductor/schedulers/slurm/accounting.ts';
import { recorded, resultOf } from './recorded.ts';

const [poll] = recorded('poll-accounting');
const [search, tooOld] = recorded('search-accounting');
const member = { token: 't', name: 'n', workspace: '/w', script: '/w/s.sh' };

const rowOf = (id: string, text = poll!.output) =>
  readAccounting(text).find(({ ids }) => ids.kind === 'one' && ids.id === id);

test('the recorded calls are those that the program makes', () => {
  assert.equal(poll?.command, `sacct ${accountingArgs(['2', '3', '4', '5', '6', '18']).join(' ')}`);
  const since = new Date(2026, 10, 20);
  assert.equal(search?.command, `sacct ${accountingSearchArgs(0, since, true).join(' ')}`);
});

test('a job has its own line and the memory of its steps', () => {
  assert.deepEqual(rowOf('6'), {
    ids: { kind: 'one', base: '6', id: '6' },
    state: 'COMPLETED',
    exit: { code: 0 },
    start: '1795335375',
    end: '1795335379',
    usage: { userMs: 95, systemMs: 75, maxRssKib: 66096 },
  });
});

test('an element of an array has its own; steps are no jobs', () => {
  assert.deepEqual(rowOf('2_3')?.exit, { code: 3 });
  assert.equal(rowOf('18_1')?.usage?.maxRssKib, 3328);
  assert.equal(rowOf('2_3.batch'), undefined);
});

test('where no memory was sampled nothing is said of what was used', () => {
  assert.equal(rowOf('2_3')?.usage, undefined);
});

test('elements that were cancelled while they waited are one line, or the array itself', () => {
  const waiting = readAccounting(poll!.output).filter(({ ids }) => ids.kind === 'waiting');
  assert.deepEqual(
    waiting.map(({ ids, state }) => [ids.base, state]),
    [
      ['4', 'PENDING'],
      ['18', 'CANCELLED by 0'],
    ],
  );
  assert.equal(rowOf('5')?.state, 'CANCELLED by 0');
});

test('times and sizes are read in all their forms', () => {
  const usage = (times: string, rss: string) =>
    rowOf('1', `1|COMPLETED|0:0|1|2|${times}|00:00:00|\n1.0|COMPLETED|0:0|1|2|||${rss}\n`)?.usage;
  assert.equal(usage('00:01.250', '1K')?.userMs, 1250);
  assert.equal(usage('02:00:01', '1K')?.userMs, 7_201_000);
  assert.equal(usage('1-00:00:00', '1K')?.userMs, 86_400_000);
  assert.equal(usage('00:00:00', '1.5M')?.maxRssKib, 1536);
  assert.equal(usage('00:00:00', '2G')?.maxRssKib, 2_097_152);
  assert.equal(usage('00:00:00', '2048')?.maxRssKib, 2);
});

test('a site without accounting is no failure, a database that is down is one', () => {
  const failed = (stderr: string) => accountingAnswer({ kind: 'exited', code: 1, stdout: '', stderr });
  assert.deepEqual(failed('Slurm accounting storage is disabled\n'), { kind: 'absent' });
  assert.deepEqual(accountingAnswer({ kind: 'unstarted', words: 'not installed' }), { kind: 'absent' });
  assert.deepEqual(failed('sacct: error: Problem talking to the database: Connection refused\n'), {
    kind: 'down',
    words: 'Problem talking to the database: Connection refused',
  });
  assert.equal(accountingAnswer({ kind: 'cut', words: 'too slow' }).kind, 'down');
});

test('a submission is found by its comment, or by the name of its script in the line of submission', () => {
  const output = `${search!.output}50||sbatch --parsable /j/maestro-x-0002.sh\n`;
  const sought = ['maestro-x-0001', 'maestro-x-0002', 'maestro-x-0003'].map((id) => {
    return { id, file: `/j/${id}.sh`, members: [member] };
  });
  assert.deepEqual(
    [...findInAccounting(output, sought)],
    [
      ['maestro-x-0001', ['2']],
      ['maestro-x-0002', ['50']],
    ],
  );
});

test('a Slurm that knows no line of submission says so', () => {
  const old = { ...tooOld!, output: tooOld!.output.replace('SubmiLine', 'SubmitLine') };
  assert.ok(knowsNoSubmitLine(resultOf(old)));
  assert.ok(!knowsNoSubmitLine(resultOf(search!)));
});
