import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Circumstances } from '../../src/conductor/aftermath.ts';
import { RESUBMITS } from '../../src/conductor/bounds.ts';
import { dispatch } from '../../src/conductor/dispatch.ts';
import { isOver, Model, outcomeOf } from '../../src/conductor/model.ts';
import type { Observation } from '../../src/conductor/observation.ts';
import { settle, settleCancel } from '../../src/conductor/settle.ts';
import { type FakeTemplate, fakeStudy, freshSteps } from '../fakes/graphs.ts';

const USAGE = { userMs: 1, systemMs: 1, maxRssKib: 100 };

/** A study in memory whose steps are started and ended by hand. */
function bench(templates: readonly FakeTemplate[], circumstances: Partial<Circumstances> = {}) {
  const { graph, expansion, study } = fakeStudy(templates);
  const model = new Model(graph, freshSteps(graph.count), []);
  const given: Circumstances = {
    limits: { attempts: 1, rlimit: 1, throttle: 0, sleeptime: 60 },
    cancelling: false,
    hasRestart: (step) => study.steps[expansion.template[step]!]!.restart !== undefined,
    nameOf: (step) => expansion.names[step]!,
    resubmits: RESUBMITS,
    ...circumstances,
  };
  const see = (observation: Observation) => {
    const transitions = settle(model, observation, given);
    for (const transition of transitions) model.apply(transition);
    return transitions;
  };
  const launch = () =>
    dispatch({
      model,
      capacity: { cores: 100, gpus: 0 },
      lookahead: 8,
      throttle: 0,
      now: 5,
      host: 'here',
      demandOf: () => ({ cores: 1, gpus: 0, walltimeMs: 0 }),
      hasRestart: given.hasRestart,
      hasScheduled: false,
      passedOver: new Map(),
    }).launches;
  /** Starts what is ready and ends the given step's attempt. */
  const end = (step: number, ending: Partial<Extract<Observation, { kind: 'ended' }>> = {}) => {
    launch();
    const number = model.counterOf(step, 'attempts');
    see({ kind: 'started', step, number, at: 6, job: '77' });
    return see({
      kind: 'ended',
      step,
      number,
      at: 7,
      exit: { code: 0 },
      usage: USAGE,
      reason: 'none',
      ...ending,
    });
  };
  return { model, see, launch, end };
}

describe('settle', () => {
  it('finishes a step and makes its child ready', () => {
    const { model, end, launch } = bench([{ steps: 1 }, { steps: 1, parents: [0] }]);
    assert.deepEqual(
      launch().map(({ flight }) => flight.step),
      [0],
    );
    end(0);
    assert.equal(model.stateOf(0), 'FINISHED');
    assert.deepEqual(
      launch().map(({ flight }) => flight.step),
      [1],
    );
  });

  it('makes a funnel ready only when the last of its group has finished', () => {
    const { model, end, launch } = bench([{ steps: 3 }, { steps: 2, funnels: [0] }]);
    end(0);
    end(2);
    assert.equal(launch().length, 0);
    end(1);
    assert.deepEqual(
      launch().map(({ flight }) => flight.step),
      [3, 4],
    );
    assert.equal(model.stateOf(3), 'PENDING');
  });

  it('fails all descendants of a failed step, through plain and funnel dependencies, and nobody else', () => {
    const { model, end } = bench([
      { steps: 2 },
      { steps: 2, parents: [0] },
      { steps: 1, funnels: [1] },
      { steps: 1, parents: [2] },
      { steps: 1 },
    ]);
    const transitions = end(0, { exit: { code: 3 } });
    assert.deepEqual(
      transitions.map(({ step, to }) => [step, to]),
      [
        [0, 'FAILED'],
        [2, 'FAILED'],
        [4, 'FAILED'],
        [5, 'FAILED'],
      ],
    );
    assert.equal(transitions[0]!.why, 'exit code 3');
    assert.match(transitions[1]!.why, /t0_0 did not finish/);
    for (const step of [1, 3, 6]) end(step);
    assert.ok(isOver(model));
    assert.equal(outcomeOf(model), 'failed');
  });

  it('tries a failed step again as often as attempts allow', () => {
    const { model, end } = bench([{ steps: 1 }], {
      limits: { attempts: 3, rlimit: 1, throttle: 0, sleeptime: 1 },
    });
    for (const why of ['try 2 of 3', 'try 3 of 3']) {
      assert.equal(end(0, { exit: { signal: 11 } }).at(-1)!.why, why);
      assert.equal(model.stateOf(0), 'INITIALIZED');
    }
    end(0, { exit: { signal: 11 } });
    assert.equal(model.stateOf(0), 'FAILED');
    assert.equal(model.counterOf(0, 'attempts'), 3);
  });

  it('restarts a time-out with the restart script until rlimit, then fails it', () => {
    const { model, end, launch } = bench(
      [
        { steps: 1, restart: 'go on' },
        { steps: 1, parents: [0] },
      ],
      {
        limits: { attempts: 1, rlimit: 2, throttle: 0, sleeptime: 1 },
      },
    );
    assert.equal(launch()[0]!.script, 'main');
    for (const restarts of [1, 2]) {
      end(0, { reason: 'walltime', exit: { signal: 15 } });
      assert.equal(model.counterOf(0, 'restarts'), restarts);
      assert.equal(launch()[0]!.script, 'restart');
    }
    end(0, { reason: 'walltime', exit: { signal: 15 } });
    assert.equal(model.stateOf(0), 'FAILED');
    assert.equal(model.stateOf(1), 'FAILED');
  });

  it('leaves a time-out TIMEDOUT where there is no restart script', () => {
    const { model, end } = bench([{ steps: 1 }, { steps: 1, parents: [0] }]);
    end(0, { reason: 'walltime', exit: { signal: 9 } });
    assert.deepEqual([model.stateOf(0), model.stateOf(1)], ['TIMEDOUT', 'FAILED']);
    assert.equal(outcomeOf(model), 'failed');
  });

  it('resubmits after a hardware failure, a bounded number of times', () => {
    const { model, see, launch } = bench([{ steps: 1 }]);
    for (let resubmission = 1; resubmission <= RESUBMITS; resubmission++) {
      launch();
      see({ kind: 'hardware', step: 0, number: resubmission, at: 1, evidence: 'host x restarted' });
      assert.equal(model.stateOf(0), 'INITIALIZED');
    }
    launch();
    see({ kind: 'hardware', step: 0, number: RESUBMITS + 1, at: 1, evidence: 'host x restarted' });
    assert.equal(model.stateOf(0), 'FAILED');
  });

  it('fails a lost attempt by way of UNKNOWN and does not run it again', () => {
    const { model, see, launch } = bench([{ steps: 1 }], {
      limits: { attempts: 9, rlimit: 1, throttle: 0, sleeptime: 1 },
    });
    launch();
    const transitions = see({ kind: 'lost', step: 0, number: 1, at: 1, evidence: 'gone' });
    assert.deepEqual(
      transitions.map(({ to }) => to),
      ['UNKNOWN', 'FAILED'],
    );
    assert.equal(launch().length, 0);
    assert.ok(isOver(model));
  });

  it('puts a dropped attempt back without counting it', () => {
    const { model, see, launch } = bench([{ steps: 1 }]);
    launch();
    see({ kind: 'dropped', step: 0, number: 1, at: 1, evidence: 'taken back' });
    assert.equal(model.stateOf(0), 'INITIALIZED');
    assert.equal(model.counterOf(0, 'retries'), 0);
    assert.equal(launch()[0]!.flight.number, 2);
  });

  it('tells a missing shell from a full disk', () => {
    const { model, see, launch } = bench([{ steps: 2 }]);
    launch();
    see({ kind: 'unstartable', step: 0, number: 1, at: 1, errno: 'ENOENT', stage: 'script' });
    see({ kind: 'unstartable', step: 1, number: 1, at: 1, errno: 'ENOSPC', stage: 'output' });
    assert.deepEqual([model.stateOf(0), model.stateOf(1)], ['FAILED', 'INITIALIZED']);
  });

  it('ignores what it has heard before and what is about another attempt', () => {
    const { see, end } = bench([{ steps: 1 }]);
    const ended = { kind: 'ended', step: 0, at: 7, exit: { code: 1 }, usage: USAGE, reason: 'none' } as const;
    assert.deepEqual(see({ ...ended, number: 1 }), []);
    end(0);
    assert.deepEqual(see({ ...ended, number: 1 }), []);
    assert.deepEqual(see({ ...ended, number: 2 }), []);
  });
});

describe('settleCancel', () => {
  it('cancels what waits and leaves what runs to its runner', () => {
    const { model, launch } = bench([{ steps: 1 }, { steps: 2, parents: [0] }]);
    launch();
    const transitions = settleCancel(model, 9);
    assert.deepEqual(
      transitions.map(({ step, to }) => [step, to]),
      [
        [1, 'CANCELLED'],
        [2, 'CANCELLED'],
      ],
    );
  });

  it('lets a step that finished all the same be FINISHED, and cancels one that failed under it', () => {
    const { model, end } = bench([{ steps: 2 }], { cancelling: true });
    end(0);
    end(1, { exit: { signal: 15 }, reason: 'cancelled' });
    assert.deepEqual([model.stateOf(0), model.stateOf(1)], ['FINISHED', 'CANCELLED']);
    assert.equal(outcomeOf(model), 'cancelled');
  });
});
