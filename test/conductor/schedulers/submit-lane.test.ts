import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CommandResult, runCommand } from '../../../src/conductor/schedulers/command.ts';
import {
  laneCommand,
  readLane,
  type SubmitCall,
  shareOut,
} from '../../../src/conductor/schedulers/submit-lane.ts';

/** Runs a lane with a program of the test in the place of sbatch. */
async function lane(
  sbatch: string,
  calls: readonly (readonly string[] | SubmitCall)[],
  environment: NodeJS.ProcessEnv = {},
  patienceSeconds?: number,
): Promise<(CommandResult | undefined)[]> {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-lane-'));
  try {
    writeFileSync(join(directory, 'sbatch'), `#!/bin/bash\n${sbatch}\n`, { mode: 0o755 });
    writeFileSync(join(directory, '.bashrc'), 'echo "this is ~/.bashrc"\n');
    const PATH = `${directory}:${process.env.PATH}`;
    const result = await runCommand({
      ...laneCommand('sbatch', calls.map(callOf), patienceSeconds),
      limitMs: 60_000,
      environment: { ...environment, PATH, HOME: directory },
    });
    return readLane('sbatch', result, calls.length);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const callOf = (call: readonly string[] | SubmitCall): SubmitCall => ('args' in call ? call : { args: call });

const exited = (code: number, stdout: string, stderr = ''): CommandResult => ({
  kind: 'exited',
  code,
  stdout,
  stderr,
});

test('each call gets its own arguments, whatever is in them, and its own answer', async () => {
  const calls = [['a b', '$(touch x)', "it's"], [], ['--comment=“é”', '', '*', '-n'], ['; exit 9']];
  const results = await lane(`printf '<%s>' "$@"; echo "$#" >&2`, calls);
  assert.deepEqual(results, [
    exited(0, `<a b><$(touch x)><it's>`, '3\n'),
    exited(0, '<>', '0\n'),
    exited(0, '<--comment=“é”><><*><-n>', '4\n'),
    exited(0, '<; exit 9>', '1\n'),
  ]);
});

test('each call reads its own input, to its end, and those without one read nothing', async () => {
  const long = '{"x": "\\\\ \'$(touch x)\' %s"}\n'.repeat(10_000);
  const calls = [{ args: [], input: 'one\n\n' }, [], { args: ['x'], input: long }, { args: [], input: ' ' }];
  const results = await lane('cat; echo "<$#>"', calls, { LC_ALL: 'C.UTF-8' });
  assert.deepEqual(results, [
    exited(0, 'one\n\n<0>\n'),
    exited(0, '<0>\n'),
    exited(0, `${long}<1>\n`),
    exited(0, ' <0>\n'),
  ]);
});

test('a call that does not read its input leaves the next one its own', async () => {
  const calls = ['a', 'b'].map((letter) => ({ args: [letter], input: letter.repeat(200_000) }));
  const results = await lane('[ "$1" = a ] || tail -c 1', calls);
  assert.deepEqual(results, [exited(0, ''), exited(0, 'b')]);
});

test('a lane whose input ends early makes no more calls', async () => {
  const command = laneCommand('cat', [
    { args: [], input: 'whole' },
    { args: [], input: 'part' },
  ]);
  const result = await runCommand({
    ...command,
    input: 'wholepa',
    limitMs: 60_000,
    environment: process.env,
  });
  assert.deepEqual(readLane('cat', result, 2), [exited(0, 'whole'), undefined]);
});

test('a refusal does not keep the next from being tried', async () => {
  const results = await lane('echo "$1"; echo "no $1" >&2; exit "$1"', [['0'], ['1'], ['255'], ['0']]);
  assert.deepEqual(results, [
    exited(0, '0\n', 'no 0\n'),
    exited(1, '1\n', 'no 1\n'),
    exited(255, '255\n', 'no 255\n'),
    exited(0, '0\n', 'no 0\n'),
  ]);
});

test('after a failure that took longer than patience the rest is not tried', async () => {
  const program = '[ "$1" = fine ] || { echo down >&2; exit 1; }';
  const results = await lane(program, [['fine'], ['slow'], ['fine']], {}, 0);
  assert.deepEqual(results, [exited(0, ''), exited(1, '', 'down\n'), undefined]);
});

test('a call that was ended by a signal is none that was answered', async () => {
  const [result] = await lane('kill -KILL $$', [['x']]);
  assert.deepEqual(result, { kind: 'cut', words: 'sbatch was ended by signal 9' });
});

test('an sbatch that is not there was never called', async () => {
  const result = await runCommand({
    ...laneCommand('sbatch', [{ args: ['x'] }]),
    program: '/bin/bash',
    limitMs: 60_000,
    environment: { PATH: '/nonexistent' },
  });
  assert.deepEqual(readLane('sbatch', result, 1), [
    { kind: 'unstarted', words: 'sbatch is not installed, or not in PATH' },
  ]);
});

test('bash takes nothing from the environment, and hands all of it on', async () => {
  const environment = {
    BASH_ENV: '/dev/stdin',
    'BASH_FUNC_sbatch%%': '() { echo a function; }',
    'BASH_FUNC_module%%': '() { echo a module; }',
  };
  const [result] = await lane('module; echo "$BASH_ENV"', [[]], { ...environment, BASH_ENV: '' });
  assert.deepEqual(result, exited(0, 'a module\n\n'));
});

test('a lane that was cut off leaves all of its calls open', () => {
  const cut: CommandResult = { kind: 'cut', words: 'bash took too long' };
  const open: CommandResult = { kind: 'cut', words: 'submitting with sbatch: bash took too long' };
  assert.deepEqual(readLane('sbatch', cut, 2), [open, open]);
});

test('work is shared out in order, to no more lanes than there may be unless they would get too long', () => {
  fc.assert(
    fc.property(
      fc.nat(300),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 30 }),
      (count, lanes, longest) => {
        const items = Array.from({ length: count }, (_, index) => index);
        const shares = shareOut(items, lanes, longest);
        assert.deepEqual(shares.flat(), items);
        assert.ok(shares.every((share) => share.length > 0 && share.length <= longest));
        if (count <= lanes * longest) assert.ok(shares.length <= lanes);
      },
    ),
  );
});

test('the text that bash reads is the same for all', () => {
  const text = (calls: readonly (readonly string[])[]) => laneCommand('sbatch', calls.map(callOf)).args[3];
  assert.equal(text([['a'], ['b']]), text([['$(c)']]));
});
