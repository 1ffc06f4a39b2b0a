import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withPatience } from '../../../src/cli/doctor/patience.ts';
import type { Command, RunCommand } from '../../../src/conductor/schedulers/command.ts';

const sinfo: Command = { program: 'sinfo', args: [], limitMs: 30_000, environment: {} };

test('what never answers is cut off, and in all the patience is spent once', async () => {
  const limits: number[] = [];
  const hanging: RunCommand = ({ limitMs }) => {
    limits.push(limitMs);
    return new Promise(() => {});
  };
  const run = withPatience(hanging, 20);
  const cut = { kind: 'cut', words: 'sinfo took longer than 0.02 s' };
  assert.deepEqual(await run(sinfo), cut);
  assert.deepEqual(await run(sinfo), cut);
  assert.ok(limits[0]! <= 20, `${limits[0]}`);
  assert.equal(limits[1], 1);
});

test('an answer in time is passed on, and the command keeps a limit of its own that is shorter', async () => {
  const answer = { kind: 'exited', code: 0, stdout: 'debug', stderr: '' } as const;
  let given: Command | undefined;
  const run = withPatience(async (command) => {
    given = command;
    return answer;
  }, 60_000);
  assert.deepEqual(await run(sinfo), answer);
  assert.equal(given?.limitMs, 30_000);
});
