import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Refusal } from '../../../../src/orchestra/refusal.ts';
import type { Trial } from '../../../../src/orchestra/server/containers/choose-runtime.ts';
import type { ConcreteRuntime } from '../../../../src/orchestra/server/containers/runtime.ts';
import { watchRuntimes } from '../../../../src/orchestra/server/containers/runtime-watch.ts';
import { handClock } from '../../../fakes/hand-clock.ts';
import { temporaryCluster } from '../temporary-cluster.ts';

const IMAGE = { kind: 'directory', path: '/images/fit' } as const;
const GONE: Trial = { works: false, why: 'it is not installed' };
const MINUTE_MS = 60_000;

/** A watch over a machine on which these runtimes work, until that is changed. */
async function watched(t: TestContext, working: readonly ConcreteRuntime[]) {
  const temporary = temporaryCluster();
  t.after(() => temporary.remove());
  const clock = handClock();
  const queue = { name: 'cpu', slots: 1 };
  const machine = new Set<ConcreteRuntime>(working);
  const asked: (readonly ConcreteRuntime[])[] = [];
  const changes: (string | undefined)[] = [];
  const watch = watchRuntimes(
    { ...temporary, clock, config: { ...temporary.config, queues: [queue] } },
    async (names) => {
      asked.push(names);
      return new Map(names.map((name) => [name, machine.has(name) ? { works: true } : GONE] as const));
    },
    () => changes.push(watch.troubleOf(queue)),
  );
  t.after(() => watch.close());
  await watch.trials();
  const later = (): Promise<void> => clock.advance(MINUTE_MS);
  return { watch, queue, machine, asked, changes, later };
}

describe('the runtimes of a machine', () => {
  it('are all tried at first, and then the one that is used', async (t) => {
    const { asked, later, watch, queue } = await watched(t, ['bwrap', 'podman']);
    await later();
    assert.ok(asked[0]!.length > 2, asked[0]!.join(' '));
    assert.deepEqual(asked.slice(1), [['bwrap']]);
    assert.equal((await watch.choose(queue, IMAGE)).name, 'bwrap');
  });

  it('that stop working close a queue, until one works again; a task waits for that', async (t) => {
    const { machine, later, watch, queue, changes } = await watched(t, ['bwrap']);
    machine.delete('bwrap');
    await later();
    assert.match(watch.troubleOf(queue) ?? '', /it cannot run containers \(bwrap: it is not installed/);
    await assert.rejects(watch.choose(queue, IMAGE), (error) => !(error instanceof Refusal));
    machine.add('podman');
    await later();
    assert.equal(watch.troubleOf(queue), undefined);
    assert.deepEqual(
      changes.map((trouble) => trouble === undefined),
      [true, false, true],
    );
  });

  it('give way to another one that works', async (t) => {
    const { machine, later, watch, queue } = await watched(t, ['bwrap', 'charliecloud']);
    machine.delete('bwrap');
    await later();
    assert.equal(watch.troubleOf(queue), undefined);
    assert.equal((await watch.choose(queue, IMAGE)).name, 'charliecloud');
  });

  it('that have never worked are a refusal, which no task waits for', async (t) => {
    const { watch, queue } = await watched(t, []);
    await assert.rejects(watch.choose(queue, IMAGE), Refusal);
  });
});
