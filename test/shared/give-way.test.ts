import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { getPriority } from 'node:os';
import { it, type TestContext } from 'node:test';
import { giveWay } from '../../src/shared/give-way.ts';

/** A process that waits until it is told to end, and starts another one when it is told to go on. */
async function waiting(t: TestContext) {
  const child = spawn('sh', ['-c', 'echo ready; read -r go; sleep 600 & echo $!; wait'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  t.after(() => process.kill(-child.pid!, 'SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

it('a process gives way, and so does what it starts from then on', async (t) => {
  const child = await waiting(t);
  const own = getPriority();
  giveWay(child.pid);
  child.stdin.write('go\n');
  const [started] = await once(child.stdout, 'data');
  assert.equal(getPriority(child.pid), 10);
  assert.equal(getPriority(Number(started)), 10);
  assert.equal(getPriority(), own, 'nobody else does');
});

it('a process that gives way more than that goes on doing so', async (t) => {
  const child = spawn('nice', ['-n', '15', 'sh', '-c', 'echo ready; read -r go'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const before = getPriority(child.pid);
  giveWay(child.pid);
  assert.ok(before >= 15);
  assert.equal(getPriority(child.pid), before);
});

it('a process that is gone is none to give way', async () => {
  const child = spawn('true');
  await once(child, 'exit');
  giveWay(child.pid);
});
