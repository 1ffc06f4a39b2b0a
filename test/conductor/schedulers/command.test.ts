import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Command, runCommand } from '../../../src/conductor/schedulers/command.ts';
import { isThere } from '../../e2e/harness.ts';
import { until } from '../../e2e/until.ts';

const shell = (script: string, rest: Partial<Command> = {}): Command => ({
  program: 'sh',
  args: ['-c', script],
  limitMs: 60_000,
  environment: { PATH: process.env.PATH },
  ...rest,
});

test('an answer comes with its exit code and both streams, from the environment given and no other', async () => {
  const result = await runCommand(
    shell('cat; echo "$HOME$WORD" >&2; exit 3', {
      input: 'asked',
      environment: { PATH: process.env.PATH, WORD: 'w' },
    }),
  );
  assert.deepEqual(result, { kind: 'exited', code: 3, stdout: 'asked', stderr: 'w' });
});

test('what is not installed, or not to be started, never ran', async () => {
  const none = await runCommand({ ...shell(''), program: 'no-such-program' });
  assert.deepEqual(none, { kind: 'unstarted', words: 'no-such-program is not installed, or not in PATH' });
  const directory = await runCommand({ ...shell(''), program: '/' });
  assert.deepEqual(directory, { kind: 'unstarted', words: 'this machine cannot start / (EACCES)' });
});

test('what another has ended is cut', async () => {
  assert.deepEqual(await runCommand(shell('kill -KILL $$')), {
    kind: 'cut',
    words: 'sh was ended by SIGKILL',
  });
});

test('a script that hangs in what it has started is ended with it at the limit', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-command-'));
  try {
    // Both ignore SIGTERM, and the inner one keeps the output open.
    const script = 'trap "" TERM; sh -c "trap \'\' TERM; echo \\$\\$ >inner; exec cat gate" ; exit 0';
    await runCommand(shell('mkfifo gate', { directory }));
    const result = await runCommand(shell(script, { directory, limitMs: 500 }));
    assert.deepEqual(result, { kind: 'cut', words: 'sh took longer than 0.5 s' });
    const inner = Number(readFileSync(join(directory, 'inner'), 'utf8'));
    await until('what the script has started is gone', () => !isThere(inner));
  } finally {
    rmSync(directory, { recursive: true });
  }
});
