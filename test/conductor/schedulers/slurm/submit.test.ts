import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Submission } from '../../../../src/conductor/schedulers/scheduler.ts';
import { readSbatch, sbatchArgs } from '../../../../src/conductor/schedulers/slurm/submit.ts';
import { recorded, resultOf } from './recorded.ts';

const member = { token: 't', name: 'n', workspace: '/w', script: '/w/s.sh' };
const alone: Submission = {
  id: 'maestro-1',
  file: '/j/maestro-1.sh',
  directory: '/w x',
  members: [member],
  allocation: {},
};

const answered = (stdout: string, stderr = '', code = 0) =>
  readSbatch({ kind: 'exited', code, stdout, stderr }, 1);

test('one job: its comment is its id, and Slurm does not start it again by itself', () => {
  assert.deepEqual(sbatchArgs(alone, { requeue: false }), [
    '--parsable',
    '--no-requeue',
    '-D',
    '/w x',
    '--comment=maestro-1',
    '/j/maestro-1.sh',
  ]);
});

test('several are an array from 0; a reservation is given here too', () => {
  const array = { ...alone, members: [member, member, member], allocation: { reservation: 'dawn' } };
  const args = sbatchArgs(array, { requeue: true });
  assert.ok(args.includes('--array=0-2'));
  assert.ok(args.includes('--reservation=dawn'));
  assert.ok(!args.includes('--no-requeue'));
});

test('the id is taken from the answer, with or without a cluster, whatever a site prints around it', () => {
  assert.deepEqual(answered('123\n'), { kind: 'accepted', jobs: ['123'] });
  assert.deepEqual(answered('123;east'), { kind: 'accepted', jobs: ['123'] });
  assert.deepEqual(answered('Welcome!\n 123\n'), { kind: 'accepted', jobs: ['123'] });
  const array = readSbatch({ kind: 'exited', code: 0, stdout: '7', stderr: '' }, 2);
  assert.deepEqual(array, { kind: 'accepted', jobs: ['7_0', '7_1'] });
});

test('an answer without an id may have queued a job', () => {
  assert.equal(answered('').kind, 'unanswered');
  assert.equal(answered('Submitted to project 12 of 99').kind, 'unanswered');
});

const calls = recorded('refusals');

test('every refusal that was recorded is one, in the words of Slurm without the name of the command', () => {
  const refusals = calls.filter(({ code }) => code !== 0);
  assert.ok(refusals.length >= 8);
  for (const call of refusals) {
    const answer = readSbatch(resultOf(call), 1);
    assert.equal(answer.kind, 'rejected', call.command);
    assert.doesNotMatch(answer.words, /sbatch: |error:/);
  }
  const unknown = refusals.find(({ command }) => command.includes('-p nope'))!;
  assert.deepEqual(readSbatch(resultOf(unknown), 1), {
    kind: 'rejected',
    words: 'invalid partition specified: nope; Batch job submission failed: Invalid partition name specified',
  });
});

test('every acceptance that was recorded is one', () => {
  const accepted = calls.filter(({ code }) => code === 0);
  assert.ok(accepted.length > 0);
  for (const call of accepted) assert.equal(readSbatch(resultOf(call), 1).kind, 'accepted', call.command);
});

for (const words of [
  'Unable to contact slurm controller (connect failure)',
  'Unable to contact slurm controller (receive failure)',
  'Socket timed out on send/recv operation',
  'Zero Bytes were transmitted or received',
  'Connection timed out',
  'Connection refused',
  'Communication connection failure',
  'Message receive failure',
  'Protocol authentication error',
  'Slurm backup controller in standby mode',
  'Header lengths are longer than data received',
  'Insane message length',
  'Unexpected message received',
  'Rate limit exceeded, please retry momentarily',
  'Process is shutting down and closing all communications',
  'Invalid authentication credential',
  'Broken pipe',
]) {
  test(`after "${words}" the job may be there or not`, () => {
    const answer = answered('', `sbatch: error: Batch job submission failed: ${words}\n`, 1);
    assert.deepEqual(answer, { kind: 'unanswered', words: `Batch job submission failed: ${words}` });
  });
}

for (const words of [
  'Invalid account or account/partition combination specified',
  "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
  'Invalid qos specification',
  'Access/permission denied',
  'Pathname of a file, directory or other parameter too long',
  'System submissions disabled',
  'Unspecified error',
]) {
  test(`"${words}" is a refusal`, () => {
    assert.equal(answered('', `sbatch: error: Batch job submission failed: ${words}\n`, 1).kind, 'rejected');
  });
}

test('a call that was cut off may have queued a job; one that never began has not', () => {
  assert.equal(readSbatch({ kind: 'cut', words: 'took longer than 60 s' }, 1).kind, 'unanswered');
  assert.equal(readSbatch({ kind: 'unstarted', words: 'not installed' }, 1).kind, 'rejected');
  assert.equal(answered('', '', 1).kind, 'unanswered');
});
