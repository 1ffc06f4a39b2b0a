import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunnerRecord } from '../../../src/conductor/runner/records.ts';
import { RUNNERS, setScene } from './scene.ts';

const startedTokens = (told: readonly RunnerRecord[]): string[] =>
  told.flatMap((record) => (record.kind === 'started' ? [record.token] : []));

/** The most cores that were busy at once, by the order of the records. */
function mostAtOnce(told: readonly RunnerRecord[], cores: (token: string) => number): number {
  let most = 0;
  let busy = 0;
  for (const record of told) {
    if (record.kind === 'started') busy += cores(record.token);
    if (record.kind === 'ended') busy -= cores(record.token);
    most = Math.max(most, busy);
  }
  return most;
}

for (const { kind, skip } of RUNNERS) {
  describe(`the queue of the ${kind} runner`, { skip }, () => {
    it('is first in, first out', async (context) => {
      const { runner, order, hear, told } = setScene(context, { kind, cores: 4, inFlight: 1 });
      const tokens = Array.from({ length: 30 }, (_, i) => `t${i}`);
      runner.start(tokens.map((token) => order(token, 'true')));
      await hear('ended', 't29');
      assert.deepEqual(startedTokens(told), tokens);
      assert.equal(
        mostAtOnce(told, () => 1),
        1,
      );
    });

    it('packs steps by their cores, and lets none overtake', async (context) => {
      const { runner, order, hear, told, gate } = setScene(context, { kind, cores: 3 });
      const go = gate('go');
      const cores: Record<string, number> = { a: 2, b: 2, c: 1, d: 3, e: 1 };
      runner.start(
        Object.entries(cores).map(([token, count]) =>
          order(token, token === 'a' ? `cat ${go.path}` : 'true', { cores: count }),
        ),
      );
      await hear('started', 'a');
      // c would fit beside a, but b stands before it: so nothing but a runs until a has ended.
      await go.open();
      await hear('ended', 'e');
      assert.deepEqual(
        told.slice(1, 4).map((record) => [record.kind, 'token' in record && record.token]),
        [
          ['started', 'a'],
          ['ended', 'a'],
          ['started', told[3]?.kind === 'started' && told[3].token === 'c' ? 'c' : 'b'],
        ],
      );
      assert.equal(
        mostAtOnce(told, (token) => cores[token]!),
        3,
      );
    });

    it('starts a step wider than the capacity when nothing else runs', async (context) => {
      const { runner, order, hear, told } = setScene(context, { kind, cores: 2 });
      const cores: Record<string, number> = { a: 1, wide: 64, b: 1 };
      runner.start(Object.entries(cores).map(([token, count]) => order(token, 'true', { cores: count })));
      await hear('ended', 'b');
      assert.deepEqual(
        told.slice(1).map(({ kind: what }) => what),
        ['started', 'ended', 'started', 'ended', 'started', 'ended'],
      );
    });

    it('goes on when the capacity grows', async (context) => {
      const { runner, order, hear, gate } = setScene(context, { kind, cores: 1 });
      const [first, second] = [gate('first'), gate('second')];
      runner.start([order('a', `cat ${first.path}`), order('b', `cat ${second.path}`), order('c', 'true')]);
      await hear('started', 'a');
      runner.setCapacity(3, 2);
      await hear('started', 'b');
      runner.setCapacity(3, 0);
      await hear('ended', 'c');
      await first.open();
      await second.open();
      await hear('ended', 'a');
      await hear('ended', 'b');
    });

    it('starts nothing while there is no capacity, and lets run what runs', async (context) => {
      const { runner, order, hear, told, gate } = setScene(context, { kind, cores: 1 });
      const [first, second] = [gate('first'), gate('second')];
      runner.start([order('a', `cat ${first.path}`), order('b', `cat ${second.path}`)]);
      await hear('started', 'a');
      runner.setCapacity(0, 0);
      await first.open();
      await hear('ended', 'a');
      runner.cancel('b', 0);
      await hear('dropped', 'b');
      runner.start([order('c', 'true')]);
      runner.setCapacity(1, 0);
      await hear('ended', 'c');
      assert.deepEqual(startedTokens(told), ['a', 'c']);
    });

    it('waits when the capacity shrinks', async (context) => {
      const { runner, order, hear, told } = setScene(context, { kind, cores: 8 });
      runner.setCapacity(1, 0);
      runner.start(Array.from({ length: 6 }, (_, i) => order(`t${i}`, 'true')));
      await hear('ended', 't5');
      assert.equal(
        mostAtOnce(told, () => 1),
        1,
      );
    });
  });
}
