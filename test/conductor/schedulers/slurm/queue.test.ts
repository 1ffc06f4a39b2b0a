import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findInQueue, queueArgs, readQueue } from '../../../../src/conductor/schedulers/slurm/queue.ts';
import { recorded } from './recorded.ts';

const [poll] = recorded('poll-queue');
const [search] = recorded('search-queue');
const member = { token: 't', name: 'n', workspace: '/w', script: '/w/s.sh' };

test('the recorded call is the one that the program makes', () => {
  assert.equal(poll?.command, `squeue ${queueArgs(0).join(' ')}`);
});

test('each line of the recorded queue is read', () => {
  const rows = readQueue(poll!.output);
  assert.equal(rows.length, poll!.output.trimEnd().split('\n').length);
  const row = rows.find(({ ids }) => ids.kind === 'one' && ids.id === '2_8');
  assert.deepEqual(row, {
    ids: { kind: 'one', base: '2', id: '2_8' },
    state: 'FAILED',
    waitStatus: '768',
    start: '1795335378',
    end: '1795335378',
    reason: 'NonZeroExitCode',
  });
});

test('reasons may have bars in them; other lines are not read', () => {
  const text = 'CLUSTER: east\n\n5|PENDING|0|N/A|N/A|Nodes down|or drained|\n6|PENDING|0\n';
  assert.deepEqual(
    readQueue(text).map(({ reason }) => reason),
    ['Nodes down|or drained'],
  );
});

test('a submission is found by its comment, by its script, and by nothing else', () => {
  const output = `${search!.output}40|(null)|/j/maestro-x-0002.sh\n41|maestro-x-00030|/j/b.sh\n`;
  const sought = ['maestro-x-0001', 'maestro-x-0002', 'maestro-x-0003'].map((id) => {
    return { id, file: `/j/${id}.sh`, members: id.endsWith('1') ? Array(10).fill(member) : [member] };
  });
  const found = findInQueue(output, sought);
  assert.deepEqual([...found.keys()], ['maestro-x-0001', 'maestro-x-0002']);
  assert.deepEqual(found.get('maestro-x-0002'), ['40']);
  assert.equal(found.get('maestro-x-0001')?.[9], '2_9');
});

test('of two jobs of one submission the first to be queued is taken', () => {
  const found = findInQueue('9|id|/x\n7|id|/x\n8|id|/x\n', [
    { id: 'id', file: '/j/id.sh', members: [member] },
  ]);
  assert.deepEqual(found.get('id'), ['7']);
});
