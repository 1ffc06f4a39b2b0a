import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OUTAGE_MS } from '../../src/conductor/bounds.ts';
import type { Launch } from '../../src/conductor/dispatch.ts';
import { createInbox } from '../../src/conductor/inbox.ts';
import { createLoop } from '../../src/conductor/loop.ts';
import type { Ending, Message, StepScheduler } from '../../src/conductor/loop-ports.ts';
import { Model } from '../../src/conductor/model.ts';
import type { AttemptKey, Observation } from '../../src/conductor/observation.ts';
import type { ControlRequest } from '../../src/shared/control.ts';
import { LeaseLost, type Turn } from '../../src/shared/state/journal.ts';
import { HEARTBEAT_MS } from '../../src/shared/state/lease.ts';
import { type FakeTemplate, fakeStudy, freshSteps } from '../fakes/graphs.ts';
import { handClock } from '../fakes/hand-clock.ts';

const LIMITS = { attempts: 1, rlimit: 1, throttle: 0, sleeptime: 60 };

/** A loop over fakes: a clock moved by hand, a scheduler that only notes its orders, a journal in memory. */
function bench(
  templates: readonly FakeTemplate[],
  { flying = [], doomed = [] }: { flying?: readonly number[]; doomed?: readonly number[] } = {},
) {
  const { graph, expansion } = fakeStudy(templates);
  const clock = handClock();
  const inbox = createInbox<Message>(clock);
  const turns: Turn[] = [];
  const log: string[] = [];
  const launched: Launch[] = [];
  const cancelled: AttemptKey[] = [];
  const requests: ControlRequest[] = [];
  const moved: number[] = [];
  let closed = 0;
  /** What the journal throws instead of recording, if anything. */
  const fault: { error?: Error } = {};
  const scheduler: StepScheduler = {
    launch: (launches) => launched.push(...launches),
    cancel: (attempts) => cancelled.push(...attempts),
    close: () => closed++,
  };
  const say = (line: string): void => void log.push(line);
  const loop = createLoop(
    {
      model: new Model(
        graph,
        freshSteps(graph.count).map((row, step) =>
          flying.includes(step) ? { ...row, state: 'RUNNING', attempts: 1 } : row,
        ),
        flying.map((step) => ({ step, number: 1, cores: 1, gpus: [] })),
      ),
      isLocal: true,
      capacity: { cores: 4, gpus: 0 },
      host: 'here',
      limits: LIMITS,
      isCancelling: false,
      isPaused: false,
      doomed,
      demandOf: () => ({ cores: 1, gpus: 0, walltimeMs: 0 }),
      hasRestart: () => false,
      retryOf: () => undefined,
      hasScheduled: false,
      resubmits: 3,
      nameOf: (step) => expansion.names[step]!,
    },
    {
      clock,
      inbox,
      journal: {
        record: (turn) => {
          if (fault.error !== undefined) throw fault.error;
          turns.push(turn);
        },
      },
      scheduler,
      exporter: { touch: () => undefined, tick: () => undefined, finish: () => undefined },
      log: { info: say, warn: say, error: say },
      takeRequests: () => ({ requests: requests.splice(0), names: [], forget: () => undefined }),
      onProgress: () => undefined,
      moveAside: (step) => moved.push(step),
      onLimits: () => undefined,
    },
  );
  let ending: Ending | undefined;
  // The loop begins once the test has had its say.
  const done = Promise.resolve()
    .then(() => loop.run())
    .then((ended) => {
      ending = ended;
    });
  const see = (observation: Observation): void => inbox.push({ kind: 'observed', observation });
  const finish = ({ flight: { step, number } }: Launch): void => {
    see({ kind: 'started', step, number, at: clock.now(), job: '1' });
    const usage = { userMs: 0, systemMs: 0, maxRssKib: 0 };
    see({ kind: 'ended', step, number, at: clock.now(), exit: { code: 0 }, usage, reason: 'none' });
  };
  const recorded = () => turns.flatMap(({ transitions }) => transitions.map(({ step, to }) => [step, to]));
  return {
    clock,
    inbox,
    requests,
    launched,
    cancelled,
    moved,
    log,
    turns,
    fault,
    see,
    finish,
    recorded,
    done,
    closed: () => closed,
    ending: () => ending,
  };
}

describe('the loop', () => {
  it('runs a study to its end, child after parent', async () => {
    const { clock, launched, finish, ending, turns } = bench([{ steps: 1 }, { steps: 1, parents: [0] }]);
    await clock.advance(0);
    finish(launched[0]!);
    await clock.advance(0);
    assert.deepEqual(
      launched.map(({ flight }) => flight.step),
      [0, 1],
    );
    finish(launched[1]!);
    await clock.advance(0);
    assert.deepEqual(ending(), { kind: 'over', outcome: 'finished' });
    assert.deepEqual(turns.at(-1)!.ended?.outcome, 'finished');
  });

  it('hands over nothing that it could not record, and goes on once the disk has room', async () => {
    const { clock, launched, fault, log, recorded } = bench([{ steps: 1 }]);
    fault.error = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    await clock.advance(30_000);
    assert.deepEqual([launched.length, recorded().length], [0, 0]);
    delete fault.error;
    await clock.advance(60_000);
    assert.equal(launched.length, 1);
    assert.equal(log.filter((line) => line.includes('cannot be written')).length, 1);
    assert.equal(log.filter((line) => line.includes('can be written again')).length, 1);
  });

  it('gives up, resumable, on a disk that stays full', async () => {
    const { clock, fault, ending } = bench([{ steps: 1 }]);
    fault.error = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
    await clock.advance(OUTAGE_MS * 2);
    assert.equal(ending()?.kind, 'troubled');
  });

  it('stops without another write when the lease is lost', async () => {
    const { clock, fault, done, launched } = bench([{ steps: 1 }]);
    fault.error = new LeaseLost('taken over');
    const failed = assert.rejects(done, LeaseLost);
    await clock.advance(0);
    await failed;
    assert.equal(launched.length, 0);
  });

  it('records a cancel before it ends what runs', async () => {
    const { clock, inbox, requests, cancelled, recorded, see, launched, ending } = bench([
      { steps: 1 },
      { steps: 2, parents: [0] },
    ]);
    await clock.advance(0);
    requests.push({ kind: 'cancel' });
    inbox.wake();
    await clock.advance(0);
    assert.deepEqual(recorded().slice(-2), [
      [1, 'CANCELLED'],
      [2, 'CANCELLED'],
    ]);
    assert.deepEqual(cancelled, [{ step: 0, number: 1 }]);
    const { step, number } = launched[0]!.flight;
    see({ kind: 'dropped', step, number, at: 1, evidence: 'taken back' });
    await clock.advance(0);
    assert.deepEqual(ending(), { kind: 'over', outcome: 'cancelled' });
  });

  it('leaves when asked to once nothing waits to be started; what runs goes on', async () => {
    const { clock, inbox, see, launched, closed, ending } = bench([{ steps: 2 }]);
    await clock.advance(0);
    const [first, second] = launched.map(({ flight: { step, number } }) => ({ step, number }));
    see({ kind: 'started', ...first!, at: 1, job: '7' });
    inbox.push({ kind: 'stop', why: 'stopped by SIGTERM' });
    await clock.advance(0);
    assert.deepEqual([closed(), ending()], [1, undefined]);
    see({ kind: 'dropped', ...second!, at: 1, evidence: 'taken back' });
    await clock.advance(0);
    assert.deepEqual(ending(), { kind: 'stopped', why: 'stopped by SIGTERM' });
  });

  it('leaves at once when asked a second time', async () => {
    const { clock, inbox, ending } = bench([{ steps: 1 }]);
    await clock.advance(0);
    for (let times = 0; times < 2; times++) inbox.push({ kind: 'stop', why: 'stopped by SIGINT' });
    await clock.advance(0);
    assert.equal(ending()?.kind, 'stopped');
  });

  it('pauses while the machine cannot start steps, counts nothing against them, and goes on', async () => {
    const { clock, see, finish, launched, log, ending } = bench([{ steps: 1 }]);
    await clock.advance(0);
    for (let times = 1; times <= 5; times++) {
      see({ kind: 'unstartable', step: 0, number: times, at: 1, errno: 'ENOSPC', stage: 'output' });
      await clock.advance(20_000);
      assert.equal(launched.length, times + 1);
    }
    finish(launched.at(-1)!);
    await clock.advance(0);
    assert.deepEqual(ending(), { kind: 'over', outcome: 'finished' });
    assert.equal(log.filter((line) => line.includes('cannot be started here: ENOSPC')).length, 1);
  });

  it('changes limits on request, tells of garbage, and both are on record', async () => {
    const { clock, inbox, requests, turns, log } = bench([{ steps: 1 }]);
    await clock.advance(0);
    requests.push({ kind: 'update', update: { throttle: 0, sleep: 5 } });
    requests.push({ kind: 'garbage', file: '.study.update.lock', problem: 'it is not YAML' });
    inbox.wake();
    await clock.advance(0);
    assert.deepEqual(turns.at(-1)!.limits, { ...LIMITS, throttle: 0, sleeptime: 5 });
    assert.equal(turns.at(-1)!.notes.length, 2);
    assert.ok(log.some((line) => line.includes('it is not YAML')));
  });

  it('writes nothing while nothing happens but the heartbeat', async () => {
    const { clock, turns } = bench([{ steps: 1 }]);
    await clock.advance(0);
    const before = turns.length;
    await clock.advance(HEARTBEAT_MS * 4);
    // The loop looks round every two seconds, so a beat comes up to that much late.
    const beats = turns.length - before;
    assert.ok(beats === 3 || beats === 4, `${beats} in four times the interval`);
  });

  it('runs a failed step and its descendants again on request, though the study was about to end', async () => {
    const { clock, inbox, requests, launched, see, finish, ending, moved, turns } = bench([
      { steps: 2 },
      { steps: 1, funnels: [0] },
    ]);
    await clock.advance(0);
    const { step, number } = launched[1]!.flight;
    see({ kind: 'unstartable', step, number, at: 1, errno: 'ENOENT', stage: 'script' });
    await clock.advance(0);
    requests.push({ kind: 'retry', steps: [1], descendants: true, clean: true });
    inbox.wake();
    await clock.advance(0);
    assert.deepEqual(moved, [1, 2]);
    assert.equal(turns.at(-1)!.isReopened, true);
    finish(launched[0]!);
    finish(launched.at(-1)!);
    await clock.advance(0);
    finish(launched.at(-1)!);
    await clock.advance(0);
    assert.deepEqual(
      launched.map(({ flight }) => [flight.step, flight.number]),
      [
        [0, 1],
        [1, 1],
        [1, 2],
        [2, 1],
      ],
    );
    assert.deepEqual(ending(), { kind: 'over', outcome: 'finished' });
  });

  it('cancels a part of the study; the rest goes on', async () => {
    const { clock, inbox, requests, launched, cancelled, see, finish, ending } = bench([
      { steps: 2 },
      { steps: 2, parents: [0] },
    ]);
    await clock.advance(0);
    requests.push({ kind: 'cancel-steps', steps: [0] });
    inbox.wake();
    await clock.advance(0);
    assert.deepEqual(cancelled, [{ step: 0, number: 1 }]);
    const usage = { userMs: 0, systemMs: 0, maxRssKib: 0 };
    const cut = { exit: { signal: 15 }, usage, reason: 'cancelled' } as const;
    see({ kind: 'started', step: 0, number: 1, at: 1, job: '5' });
    see({ kind: 'ended', step: 0, number: 1, at: 1, ...cut });
    finish(launched[1]!);
    await clock.advance(0);
    assert.deepEqual(
      launched.map(({ flight }) => flight.step),
      [0, 1, 3],
    );
    finish(launched[2]!);
    await clock.advance(0);
    assert.deepEqual(ending(), { kind: 'over', outcome: 'cancelled' });
  });

  it('does not try again what was cancelled before it had begun, and not what waits for it', async () => {
    const { clock, inbox, requests, launched, see, finish, ending, turns } = bench([
      { steps: 2 },
      { steps: 2, parents: [0] },
    ]);
    await clock.advance(0);
    requests.push({ kind: 'cancel-steps', steps: [0] });
    inbox.wake();
    await clock.advance(0);
    assert.deepEqual(turns.at(-1)!.doomed, [0]);
    see({ kind: 'dropped', step: 0, number: 1, at: 1, evidence: 'it was never started' });
    finish(launched[1]!);
    await clock.advance(0);
    finish(launched[2]!);
    await clock.advance(0);
    assert.deepEqual(
      launched.map(({ flight }) => flight.step),
      [0, 1, 3],
    );
    assert.deepEqual(ending(), { kind: 'over', outcome: 'cancelled' });
  });

  it('ends what an earlier conductor was asked to end, and forgets that once it is to run again', async () => {
    const { clock, inbox, requests, launched, cancelled, see } = bench([{ steps: 2 }], {
      flying: [0, 1],
      doomed: [0],
    });
    await clock.advance(0);
    assert.deepEqual(cancelled, [{ step: 0, number: 1 }]);
    see({ kind: 'hardware', step: 0, number: 1, at: 1, evidence: 'the machine has restarted' });
    await clock.advance(0);
    assert.equal(launched.length, 0);
    requests.push({ kind: 'retry', steps: [0], descendants: true, clean: false });
    inbox.wake();
    await clock.advance(0);
    see({ kind: 'hardware', step: 0, number: 2, at: 1, evidence: 'the machine has restarted' });
    await clock.advance(0);
    assert.deepEqual(
      launched.map(({ flight }) => [flight.step, flight.number]),
      [
        [0, 2],
        [0, 3],
      ],
    );
  });

  it('starts nothing while it is paused, and goes on when told to', async () => {
    const { clock, inbox, requests, launched, finish, turns } = bench([
      { steps: 1 },
      { steps: 1, parents: [0] },
    ]);
    await clock.advance(0);
    requests.push({ kind: 'pause' });
    inbox.wake();
    await clock.advance(0);
    assert.equal(turns.at(-1)!.isPaused, true);
    finish(launched[0]!);
    await clock.advance(60_000);
    assert.equal(launched.length, 1);
    requests.push({ kind: 'unpause' });
    inbox.wake();
    await clock.advance(0);
    assert.equal(launched.length, 2);
  });
});
