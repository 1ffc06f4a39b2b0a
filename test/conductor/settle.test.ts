import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Circumstances } from '../../src/conductor/aftermath.ts';
import { RESUBMITS } from '../../src/conductor/bounds.ts';
import { type DispatchInput, dispatch } from '../../src/conductor/dispatch.ts';
import { isOver, Model, outcomeOf } from '../../src/conductor/model.ts';
import type { Observation } from '../../src/conductor/observation.ts';
import { settle, settleCancel } from '../../src/conductor/settle.ts';
import type { Retry } from '../../src/shared/spec/specification.ts';
import { type FakeTemplate, fakeStudy, freshSteps } from '../fakes/graphs.ts';

const NARROW = { cores: 1, gpus: 0, walltimeMs: 0 };
const USAGE = { userMs: 1, systemMs: 1, maxRssKib: 100 };

/** A study in memory whose steps are started and ended by hand. */
function bench(
  templates: readonly FakeTemplate[],
  {
    demandOf = () => NARROW,
    ...circumstances
  }: Partial<Circumstances & Pick<DispatchInput, 'demandOf'>> = {},
) {
  const { graph, expansion, study } = fakeStudy(templates);
  const model = new Model(graph, freshSteps(graph.count), []);
  const given: Circumstances = {
    limits: { attempts: 1, rlimit: 1, throttle: 0, sleeptime: 60 },
    cancelling: false,
    hasRestart: (step) => study.steps[expansion.template[step]!]!.restart !== undefined,
    retryOf: (step) => study.steps[expansion.template[step]!]!.retry,
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
      demandOf,
      hasRestart: given.hasRestart,
      retryOf: given.retryOf,
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

describe('a step that says when it is tried again', () => {
  const retrying = (
    retry: Retry,
    more: Partial<FakeTemplate> = {},
    given: Parameters<typeof bench>[1] = {},
  ) => bench([{ steps: 1, retry, ...more }], given);
  const patient = { limits: { attempts: 9, rlimit: 1, throttle: 0, sleeptime: 1 } };

  it('has its own number of tries, whatever the limit', () => {
    for (const given of [{}, patient]) {
      const { model, end } = retrying({ attempts: 2 }, {}, given);
      assert.equal(end(0, { exit: { code: 3 } }).at(-1)!.why, 'try 2 of 2');
      end(0, { exit: { code: 3 } });
      assert.equal(model.stateOf(0), 'FAILED');
    }
    const never = retrying({ attempts: 1 }, {}, patient);
    never.end(0, { exit: { code: 3 } });
    assert.equal(never.model.stateOf(0), 'FAILED');
  });

  it('has as many tries as the limit where it does not say', () => {
    const { model, end } = retrying({ on: [3] }, {}, patient);
    assert.equal(end(0, { exit: { code: 3 } }).at(-1)!.why, 'try 2 of 9');
    end(0, { exit: { code: 4 } });
    assert.equal(model.stateOf(0), 'FAILED');
  });

  it('knows exit codes, and signals as shells tell of them', () => {
    const { model, end } = retrying({ attempts: 4, on: [75, 137] });
    end(0, { exit: { code: 75 } });
    end(0, { exit: { signal: 9 } });
    end(0, { exit: { code: 137 } });
    assert.equal(model.stateOf(0), 'INITIALIZED');
    const other = retrying({ attempts: 4, on: [75, 137] });
    other.end(0, { exit: { signal: 15 } });
    assert.equal(other.model.stateOf(0), 'FAILED');
  });

  it('may try again after a time-out without a restart script', () => {
    const { model, end } = retrying({ attempts: 2, on: ['TIMEDOUT'] });
    end(0, { reason: 'walltime', exit: { signal: 15 } });
    assert.deepEqual([model.stateOf(0), model.counterOf(0, 'retries')], ['INITIALIZED', 1]);
    end(0, { reason: 'walltime', exit: { code: 1 } });
    assert.equal(model.stateOf(0), 'TIMEDOUT');
  });

  it('is restarted first, and then tried again by the restart script', () => {
    const { model, end, launch } = retrying({ attempts: 2, on: ['TIMEDOUT'] }, { restart: 'go on' });
    const timeOut = () =>
      end(0, { reason: 'walltime', exit: { signal: 15 } }).map(({ to, why }) => `${to}: ${why}`);
    assert.deepEqual(timeOut(), ['TIMEDOUT: walltime reached', 'INITIALIZED: restart 1 of 1']);
    assert.deepEqual(timeOut(), ['TIMEDOUT: walltime reached', 'INITIALIZED: try 2 of 2']);
    assert.equal(launch()[0]!.script, 'restart');
    timeOut();
    assert.equal(model.stateOf(0), 'FAILED');
  });

  it('is resubmitted first, and then tried again if hardware failures count', () => {
    const { model, see, launch } = retrying({ attempts: 2, on: ['HWFAILURE'] }, {}, { resubmits: 1 });
    const whys = [1, 2, 3].map((number) => {
      launch();
      return see({ kind: 'hardware', step: 0, number, at: 1, evidence: 'gone' }).at(-1)!.why;
    });
    assert.deepEqual(whys, ['resubmission 1 of 1', 'try 2 of 2', 'hardware failed after 1 resubmissions']);
    assert.equal(model.stateOf(0), 'FAILED');
  });

  it('is never tried again by itself when nobody knows how it ended, or when it is cancelled', () => {
    const retry: Retry = { attempts: 9, on: ['FAILED', 'TIMEDOUT', 'HWFAILURE'] };
    const lost = retrying(retry);
    lost.launch();
    lost.see({ kind: 'lost', step: 0, number: 1, at: 1, evidence: 'gone' });
    assert.equal(lost.model.stateOf(0), 'FAILED');
    const cancelled = retrying(retry, {}, { cancelling: true });
    cancelled.end(0, { exit: { code: 3 } });
    assert.equal(cancelled.model.stateOf(0), 'CANCELLED');
  });

  it('is tried again as a job of a scheduler too, which others are not', () => {
    const outcomes = [{ attempts: 2 }, undefined].map((retry) => {
      const { model, see, launch } = bench([{ steps: 1, ...(retry && { retry }) }], patient);
      launch();
      const job = { step: 0, number: 1, at: 1 } as const;
      see({ kind: 'concluded', ...job, outcome: 'FAILED', exit: { code: 3 }, startedAt: 1, words: 'FAILED' });
      return model.stateOf(0);
    });
    assert.deepEqual(outcomes, ['INITIALIZED', 'FAILED']);
  });

  it('submits again what was refused, since nothing has run', () => {
    const { model, see, launch } = retrying(
      { attempts: 1, on: [75] },
      {},
      {
        limits: { attempts: 2, rlimit: 1, throttle: 0, sleeptime: 1 },
      },
    );
    launch();
    see({ kind: 'rejected', step: 0, number: 1, at: 1, words: 'no' });
    assert.equal(model.stateOf(0), 'INITIALIZED');
  });

  it('waits before the next try, twice as long each time, and not a moment longer', () => {
    const { model, end, launch } = retrying({ attempts: 9, backoffMs: 1000 });
    const [first] = [end(0, { exit: { code: 3 } }).at(-1)!];
    assert.deepEqual([first.why, first.notBefore], ['try 2 of 9, in 1 s', 1007]);
    assert.equal(model.releaseDue(1006), 1007);
    assert.equal(launch().length, 0);
    assert.equal(model.releaseDue(1007), undefined);
    assert.equal(end(0, { at: 2000, exit: { code: 3 } }).at(-1)!.notBefore, 4000);
  });

  it('waits no longer where the clock is set back', () => {
    const { model, end, launch } = retrying({ attempts: 9, backoffMs: 1000 });
    end(0, { at: 1_000_000, exit: { code: 3 } });
    assert.equal(model.releaseDue(1_000_000), 1_001_000);
    model.releaseDue(500_000);
    assert.equal(launch().length, 1);
  });

  it('asks for more each time that it is tried again or restarted, and not when it is resubmitted', () => {
    const { end, see, launch } = retrying(
      { attempts: 9, grow: { walltime: 1.5 } },
      { restart: 'go on' },
      { demandOf: () => ({ cores: 1, gpus: 0, walltimeMs: 1000 }) },
    );
    const walltimes: number[] = [];
    const note = () => walltimes.push(...launch().map(({ walltimeMs }) => walltimeMs));
    note();
    see({ kind: 'hardware', step: 0, number: 1, at: 1, evidence: 'gone' });
    note();
    end(0, { exit: { code: 3 } });
    note();
    end(0, { reason: 'walltime', exit: { code: 3 } });
    note();
    assert.deepEqual(walltimes, [1000, 1000, 1500, 2250]);
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
