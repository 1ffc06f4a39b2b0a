import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LOOKAHEAD, PASSED_OVER_BOUND } from '../../src/conductor/bounds.ts';
import { type Capacity, dispatch, nextLookahead } from '../../src/conductor/dispatch.ts';
import { type Demand, Model } from '../../src/conductor/model.ts';
import { fakeStudy, freshSteps } from '../fakes/graphs.ts';

function bench(steps: number, capacity: Capacity, demandOf: (step: number) => Demand, throttle = 0) {
  const { graph } = fakeStudy([{ steps }]);
  const model = new Model(graph, freshSteps(steps), []);
  const passedOver = new Map<number, number>();
  const run = () =>
    dispatch({
      model,
      capacity,
      lookahead: LOOKAHEAD.least,
      throttle,
      now: 1,
      host: 'here',
      demandOf,
      hasRestart: () => false,
      retryOf: () => undefined,
      hasScheduled: false,
      passedOver,
    }).launches.map(({ flight }) => flight);
  const finish = (step: number) => {
    const number = model.counterOf(step, 'attempts');
    model.apply({
      step,
      from: 'PENDING',
      to: 'FINISHED',
      at: 2,
      why: 'test',
      attempt: { kind: 'ended', number, outcome: 'FINISHED', endedAt: 2 },
    });
  };
  return { model, run, finish };
}

const narrow: Demand = { cores: 1, gpus: 0, walltimeMs: 0 };

describe('dispatch', () => {
  it('hands over what runs and a little more, in order', () => {
    const { run } = bench(200, { cores: 4, gpus: 0 }, () => narrow);
    const launched = run().map(({ step }) => step);
    assert.deepEqual(
      launched,
      Array.from({ length: 4 + LOOKAHEAD.least }, (_, step) => step),
    );
    assert.deepEqual(run(), []);
  });

  it('hands over nothing where no cores are to be used', () => {
    const { run } = bench(200, { cores: 0, gpus: 0 }, () => narrow);
    assert.deepEqual(run(), []);
  });

  it('looks further ahead the more steps end in a turn, and less far once they end slowly', () => {
    assert.equal(nextLookahead(LOOKAHEAD.least, 0), LOOKAHEAD.least);
    assert.equal(nextLookahead(LOOKAHEAD.least, 50), 100);
    assert.equal(nextLookahead(100, 1), 50);
    assert.equal(nextLookahead(100, 100_000), LOOKAHEAD.most);
  });

  it('keeps the throttle whatever the cores', () => {
    const { run, finish } = bench(200, { cores: 64, gpus: 0 }, () => narrow, 3);
    assert.equal(run().length, 3);
    finish(0);
    assert.deepEqual(
      run().map(({ step }) => step),
      [3],
    );
  });

  it('never gives one gpu to two steps', () => {
    const { run, finish } = bench(5, { cores: 64, gpus: 3 }, () => ({ cores: 1, gpus: 2, walltimeMs: 0 }));
    assert.deepEqual(
      run().map(({ gpus }) => gpus),
      [[0, 1]],
    );
    finish(0);
    assert.deepEqual(
      run().map(({ step, gpus }) => [step, gpus]),
      [[1, [0, 1]]],
    );
  });

  it('lets narrow steps pass one that does not fit, but not for ever', () => {
    const wide: Demand = { cores: 1, gpus: 1, walltimeMs: 0 };
    const { run, finish } = bench(
      PASSED_OVER_BOUND + 100,
      { cores: 1, gpus: 1 },
      (step) => (step < 2 ? wide : narrow),
      3,
    );
    assert.deepEqual(
      run().map(({ step }) => step),
      [0, 2, 3],
    );
    let last = 3;
    for (let turn = 0; turn < PASSED_OVER_BOUND + 50; turn++) {
      finish(last);
      const [next] = run();
      if (next === undefined) break;
      last = next.step;
    }
    assert.ok(last < PASSED_OVER_BOUND + 10, 'narrow steps stop passing');
    finish(0);
    assert.equal(run()[0]!.step, 1);
  });

  it('lets steps that ask for gpus wait while none are to be used, and holds nobody up by that', () => {
    const some = PASSED_OVER_BOUND + 100;
    const { run, finish } = bench(
      some,
      { cores: 1, gpus: 0, withholdsGpus: true },
      (step) => (step === 0 ? { cores: 1, gpus: 1, walltimeMs: 0 } : narrow),
      1,
    );
    for (let step = 1; step < some; step++) {
      assert.deepEqual(
        run().map((flight) => flight.step),
        [step],
      );
      finish(step);
    }
    assert.deepEqual(run(), []);
  });

  it('gives a step that is wider than the machine the whole of it', () => {
    const { run } = bench(1, { cores: 2, gpus: 0 }, () => ({ cores: 512, gpus: 8, walltimeMs: 0 }));
    assert.deepEqual(run(), [{ step: 0, number: 1, cores: 2, gpus: [] }]);
  });
});
