import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { dispatch } from '../../src/conductor/dispatch.ts';
import { isOver, Model, type StoredStep } from '../../src/conductor/model.ts';
import type { Observation } from '../../src/conductor/observation.ts';
import { settle } from '../../src/conductor/settle.ts';
import type { Retry } from '../../src/shared/spec/specification.ts';
import { isFinal, mayFollow, type StepState } from '../../src/shared/state/states.ts';
import type { Transition } from '../../src/shared/state/transition.ts';
import { type FakeTemplate, fakeStudy, freshSteps } from '../fakes/graphs.ts';

const retries: fc.Arbitrary<Retry> = fc.record(
  {
    attempts: fc.integer({ min: 1, max: 4 }),
    backoffMs: fc.integer({ min: 0, max: 50 }),
    on: fc.uniqueArray(fc.constantFrom('FAILED' as const, 'TIMEDOUT' as const, 'HWFAILURE' as const, 1, 2), {
      minLength: 1,
    }),
  },
  { requiredKeys: [] },
);

/** Templates in topological order; plain parents have as many steps, or one. */
const templates: fc.Arbitrary<FakeTemplate[]> = fc
  .array(
    fc.record({
      steps: fc.integer({ min: 1, max: 4 }),
      picks: fc.array(fc.tuple(fc.nat(7), fc.boolean()), { maxLength: 3 }),
      hasRestart: fc.boolean(),
      retry: fc.option(retries, { nil: undefined }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((drawn) =>
    drawn.reduce<FakeTemplate[]>((made, { steps, picks, hasRestart, retry }) => {
      const parents = new Set<number>();
      const funnels = new Set<number>();
      for (const [pick, isFunnel] of picks) {
        if (pick >= made.length) continue;
        const canBePlain = made[pick]!.steps === steps || made[pick]!.steps === 1;
        (isFunnel || !canBePlain ? funnels : parents).add(pick);
      }
      made.push({
        steps,
        parents: [...parents],
        funnels: [...funnels],
        ...(hasRestart ? { restart: 'r' } : {}),
        ...(retry === undefined ? {} : { retry }),
      });
      return made;
    }, []),
  );

type Fate = 'finish' | 'fail' | 'timeout' | 'drop' | 'lose' | 'hardware';
const fates = fc.array(
  fc.constantFrom<Fate>('finish', 'finish', 'finish', 'fail', 'timeout', 'drop', 'lose', 'hardware'),
  { minLength: 1, maxLength: 60 },
);

it('whatever happens, every study ends, no step starts before its parents, none runs after it has settled', () => {
  fc.assert(
    fc.property(
      templates,
      fates,
      fc.record({ attempts: fc.integer({ min: 1, max: 3 }), rlimit: fc.integer({ min: 1, max: 2 }) }),
      fc.integer({ min: 0, max: 3 }),
      (drawn, luck, { attempts, rlimit }, throttle) => {
        const world = play(drawn, luck, { attempts, rlimit, throttle, sleeptime: 1 });
        assert.ok(isOver(world.model), 'the study ends');
        checkReplay(world.graph.count, world.log, world.model);
        for (let step = 0; step < world.graph.count; step++) {
          const most = world.retryOf(step)?.attempts ?? attempts;
          assert.ok(world.model.counterOf(step, 'retries') < most, 'no more tries than there may be');
        }
      },
    ),
    { numRuns: 500 },
  );
});

function play(
  drawn: FakeTemplate[],
  luck: readonly Fate[],
  limits: { attempts: number; rlimit: number; throttle: number; sleeptime: number },
) {
  const { graph, study, expansion } = fakeStudy(drawn);
  const model = new Model(graph, freshSteps(graph.count), []);
  const log: Transition[] = [];
  const hasRestart = (step: number) => study.steps[expansion.template[step]!]!.restart !== undefined;
  const retryOf = (step: number) => study.steps[expansion.template[step]!]!.retry;
  const see = (observation: Observation) => {
    const nameOf = String;
    const transitions = settle(model, observation, {
      limits,
      cancelling: false,
      hasRestart,
      retryOf,
      nameOf,
      resubmits: 3,
    });
    for (const transition of transitions) {
      model.apply(transition);
      log.push(transition);
      if (transition.notBefore !== undefined) waits.set(transition.step, transition.notBefore);
    }
  };
  let now = 0;
  /** When a step that waits may be handed over again. */
  const waits = new Map<number, number>();
  for (let turn = 0; !isOver(model) && turn < 10_000; turn++) {
    const due = model.releaseDue(now);
    const capacity = { cores: 2, gpus: 1 };
    const demandOf = (step: number) => ({ cores: 1 + (step % 3), gpus: step % 2, walltimeMs: 0 });
    const { transitions, launches } = dispatch({
      model,
      capacity,
      lookahead: 8,
      throttle: limits.throttle,
      now,
      host: 'h',
      demandOf,
      hasRestart,
      retryOf,
      hasScheduled: false,
      passedOver: new Map(),
    });
    log.push(...transitions);
    for (const { flight } of launches) {
      assert.ok(now >= (waits.get(flight.step) ?? 0), 'no try before its pause is over');
      waits.delete(flight.step);
      for (const parent of graph.parents.subarray(
        graph.parentsStart[flight.step]!,
        graph.parentsStart[flight.step + 1]!,
      )) {
        assert.equal(model.stateOf(parent), 'FINISHED', 'no step starts before its parents have finished');
      }
      for (const group of graph.funnels[graph.template[flight.step]!]!) {
        for (let at = graph.membersStart[group]!; at < graph.membersStart[group + 1]!; at++) {
          assert.equal(model.stateOf(graph.members[at]!), 'FINISHED', 'a funnel waits for its whole group');
        }
      }
    }
    if (limits.throttle > 0) assert.ok(model.flights.size <= limits.throttle, 'the throttle holds');
    const [flight] = model.flights.values();
    if (flight === undefined) {
      assert.ok(due !== undefined && due > now, 'nothing flies, and nothing is waited for');
      now = due;
      continue;
    }
    now++;
    // Luck runs out: after the drawn fates everything finishes, so that every study can end.
    for (const observation of fateOf(luck[turn] ?? 'finish', flight)) see({ ...observation, at: now });
  }
  return { model, graph, log, retryOf };
}

function fateOf(fate: Fate, { step, number }: { step: number; number: number }): Observation[] {
  const at = 1;
  const usage = { userMs: 0, systemMs: 0, maxRssKib: 0 };
  const started = { kind: 'started', step, number, at, job: '1' } as const;
  const ended = { kind: 'ended', step, number, at, usage } as const;
  switch (fate) {
    case 'finish':
      return [started, { ...ended, exit: { code: 0 }, reason: 'none' }];
    case 'fail':
      return [started, started, { ...ended, exit: { code: 1 }, reason: 'none' }];
    case 'timeout':
      return [started, { ...ended, exit: { signal: 15 }, reason: 'walltime' }];
    case 'drop':
      return [{ kind: 'dropped', step, number, at, evidence: 'test' }];
    case 'lose':
      return [started, { kind: 'lost', step, number, at, evidence: 'test' }];
    case 'hardware':
      return [{ kind: 'hardware', step, number, at, evidence: 'test' }];
  }
}

/** The log replayed gives the model's states, every transition is in the table, and a settled step stays. */
function checkReplay(count: number, log: readonly Transition[], model: Model): void {
  const states: StepState[] = Array.from({ length: count }, () => 'INITIALIZED');
  for (const { step, from, to, again } of log) {
    assert.equal(states[step], from, 'each transition starts where the last one ended');
    assert.ok(mayFollow(from, to), `${from} -> ${to} is in the table`);
    if (isFinal(from))
      assert.ok(again !== undefined || to === 'FAILED', 'a settled step moves only to be tried again');
    states[step] = to;
  }
  for (let step = 0; step < count; step++) {
    assert.equal(model.stateOf(step), states[step]);
    assert.ok(isFinal(states[step]!), 'every step settles');
  }
}

it('a model read back from the counters and states is the model that went on', () => {
  fc.assert(
    fc.property(templates, fates, (drawn, luck) => {
      const { model, graph } = play(drawn, luck, { attempts: 2, rlimit: 1, throttle: 0, sleeptime: 1 });
      const stored: StoredStep[] = Array.from({ length: graph.count }, (_, step) => ({
        state: model.stateOf(step),
        attempts: model.counterOf(step, 'attempts'),
        retries: model.counterOf(step, 'retries'),
        restarts: model.counterOf(step, 'restarts'),
        resubmissions: model.counterOf(step, 'resubmissions'),
        notBefore: null,
        waitMs: null,
      }));
      const again = new Model(graph, stored, []);
      assert.ok(isOver(again));
      assert.equal(again.ready.size, 0);
    }),
    { numRuns: 100 },
  );
});
