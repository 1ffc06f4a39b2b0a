import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { describe, it } from 'node:test';
import { drawScenario } from './draw-scenario.ts';
import { playMany } from './many-runs.ts';
import { play } from './play.ts';
import type { Scenario } from './scenario.ts';
import { shrink } from './shrink.ts';
import { Timeline } from './timeline.ts';

describe('the simulation', () => {
  it('keeps every promise in some hundred runs', async () => {
    const { failures, runs } = await playMany({
      seed: 1,
      runs: 300,
      workers: availableParallelism(),
      enough: 5,
    });
    assert.deepEqual(
      failures,
      [],
      'npm run simulate -- --seed N --runs 1 shrinks a failure and tells its story',
    );
    assert.equal(runs, 300);
  });

  it('plays a seed in the same way each time', async () => {
    for (const seed of [3, 8, 21]) {
      const [once, again] = [
        await play(drawScenario(seed), { isTraced: true }),
        await play(drawScenario(seed), { isTraced: true }),
      ];
      assert.deepEqual(told(once.trace), told(again.trace));
      assert.ok(once.trace.length > 10);
    }
  });

  it('shrinks a failure to what it needs', async () => {
    const scenario = [...Array(100).keys()].map(drawScenario).find(hasKilledAndWide) ?? assert.fail();
    const violationsOf = async (tried: Scenario): Promise<string[]> =>
      hasKilledAndWide(tried) ? ['step 7 has 3 cores'] : [];
    const { scenario: small } = await shrink(scenario, 'step N has N cores', violationsOf);
    assert.deepEqual(
      small.faults.map(({ kind }) => kind),
      ['kill conductor'],
    );
    assert.deepEqual(
      small.study.templates.map(({ steps, cores, parents, funnels }) => [steps, cores, parents, funnels]),
      [[1, 3, [], []]],
    );
  });
});

/** Submissions are named by dice of their own. */
function told(trace: readonly string[]): string[] {
  return trace.map((line) => line.replaceAll(/maestro-cafecafecafe-[0-9a-f]+|\.\d+\.new/g, ''));
}

function hasKilledAndWide({ faults, study }: Scenario): boolean {
  return (
    faults.some(({ kind }) => kind === 'kill conductor') && study.templates.some(({ cores }) => cores === 3)
  );
}

describe('the timeline', () => {
  it('lets things happen in the order of their times, and of two at one time the first planned first', async () => {
    const timeline = new Timeline(0);
    const seen: string[] = [];
    for (const [ms, name] of [
      [5, 'c'],
      [1, 'a'],
      [5, 'd'],
      [3, 'b'],
    ] as const) {
      timeline.after(ms, () => seen.push(`${timeline.now} ${name}`));
    }
    timeline.after(4, () => seen.push('never'))();
    await timeline.run(10, () => false);
    assert.deepEqual(seen, ['1 a', '3 b', '5 c', '5 d']);
  });

  it('notices that time stands still', async () => {
    const timeline = new Timeline(0);
    const again = (): void => void timeline.after(0, again);
    again();
    await assert.rejects(
      timeline.run(10, () => false),
      /time stands still/,
    );
  });
});
