import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import { systemProcesses } from '../../src/shared/process-identity.ts';

const { findAttempts, findCommands, isAlive, leadsGroup, carriesAttempt } = systemProcesses;
const TOKEN = `process-identity.${process.pid}.1`;

describe('the process table', () => {
  let step: ChildProcess | undefined;
  after(() => {
    if (step?.pid !== undefined) process.kill(-step.pid, 'SIGKILL');
  });

  it('tells a step from what it has started: both carry its attempt, and only the step leads the group', async () => {
    const env = { ...process.env, MAESTRO_ATTEMPT: TOKEN };
    const stdio = ['ignore', 'pipe', 'inherit'] as const;
    step = spawn('sh', ['-c', 'sleep 600 & echo $!; wait'], { env, stdio: [...stdio], detached: true });
    const [line] = (await once(step.stdout!, 'data')) as [Buffer];
    const child = Number(line.toString());
    assert.ok(carriesAttempt(child, TOKEN));
    const found = findAttempts().get(TOKEN) ?? [];
    assert.deepEqual(
      [...found].sort((x, y) => x - y),
      [step.pid, child].sort((x, y) => x! - y!),
    );
    assert.deepEqual(found.filter(leadsGroup), [step.pid]);
  });

  it('finds a process by the beginning of an argument', async () => {
    const argument = `${TOKEN}/1-1@here.records`;
    const stdio = ['pipe', 'pipe', 'inherit'] as const;
    const named = spawn('sh', ['-c', 'echo; read line', 'sh', argument], { stdio: [...stdio] });
    await once(named.stdout!, 'data');
    const found = findCommands(`${TOKEN}/`);
    assert.deepEqual(
      found.map(({ identity, argument: full }) => [identity.pid, full]),
      [[named.pid, argument]],
    );
    assert.ok(isAlive(found[0]!.identity));
    named.stdin!.end();
    await once(named, 'close');
    assert.deepEqual(findCommands(`${TOKEN}/`), []);
  });
});
