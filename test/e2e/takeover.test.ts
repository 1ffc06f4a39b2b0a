import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { gated, openGate } from './gate.ts';
import { isThere, makePlace, processesWith, signal } from './harness.ts';
import type { StudyUnderTest } from './study-under-test.ts';

const FOUR_CORES = { batch: { type: 'local', cores: 4, shell: '/bin/sh' } };

/** Steps a, b, … that wait for the gate, and one that follows each. */
function twoLayers(names: readonly string[]) {
  return names.flatMap((name) => [gated(name), { name: `after-${name}`, cmd: 'true', depends: [name] }]);
}

/** Pids of what a step's first attempt has running. */
function processesOf(study: StudyUnderTest, step: string): number[] {
  const { id } = study.rows().find(({ name }) => name === step)!;
  return processesWith(`MAESTRO_ATTEMPT=${study.token()}.${id}.1`);
}

/** How often each step began and ended, by what the steps themselves wrote. */
function assertRanOnce(study: StudyUnderTest, names: readonly string[]): void {
  const lines = names.flatMap((name) => [`begin ${name}`, `end ${name}`]);
  assert.deepEqual(study.lines('trace').sort(), lines.sort());
}

function assertAllFinished(study: StudyUnderTest): void {
  const unfinished = study.rows().filter(({ state }) => state !== 'FINISHED');
  assert.deepEqual(unfinished, []);
}

async function untilBegun(study: StudyUnderTest, names: readonly string[]): Promise<void> {
  await study.until(`${names.join(', ')} run`, () =>
    names.every(
      (name) => study.lines('trace').includes(`begin ${name}`) && study.stateOf(name) === 'RUNNING',
    ),
  );
}

describe('a conductor that is gone', { concurrency: 2 }, () => {
  const names = ['a', 'b', 'c', 'd'];

  test('knows on its return of steps that ended meanwhile', async (t) => {
    const place = makePlace(t);
    const study = await place.launch(place.specification(twoLayers(names), FOUR_CORES));
    await untilBegun(study, names);
    const [runner] = study.runners();
    signal(study.conductor(), 'SIGKILL');
    openGate(study);
    await study.until('the runner has nothing left to wait for', () => !isThere(runner!));
    assert.deepEqual(new Set(names.map(study.stateOf)), new Set(['RUNNING']));

    const resumed = await place.maestro(['resume', 'out']);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.match(resumed.stdout, /goes on, 8 steps to go, conducted by process \d+\n$/);
    assert.equal(await study.untilEnded(), 'finished');
    assertAllFinished(study);
    assertRanOnce(study, names);
    assert.match(study.log(), /took over from pid \d+ on host \S+, user \S+, which has died/);
  });

  test('takes over steps that still run, and says so', async (t) => {
    const place = makePlace(t);
    const study = await place.launch(place.specification(twoLayers(names), FOUR_CORES));
    await untilBegun(study, names);
    signal(study.conductor(), 'SIGKILL');
    await place.maestro(['resume', 'out']);
    await study.until('it is said', () =>
      study.log().includes('4 attempts of an earlier conductor still run'),
    );
    openGate(study);
    assert.equal(await study.untilEnded(), 'finished');
    assertAllFinished(study);
    assertRanOnce(study, names);
  });

  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    test(`leaves its steps running at ${name}`, async (t) => {
      const place = makePlace(t);
      const study = await place.launch(place.specification(twoLayers(names), FOUR_CORES));
      await untilBegun(study, names);
      const conductor = study.conductor();
      signal(conductor, name);
      await study.until('the conductor has left', () => !isThere(conductor));
      assert.notEqual(study.lease()?.releasedAt, undefined);
      assert.match(
        study.log(),
        new RegExp(`stopped by ${name}; running steps go on, maestro resume takes over`),
      );
      assert.deepEqual(new Set(names.map(study.stateOf)), new Set(['RUNNING']));
      assert.ok(names.every((step) => processesOf(study, step).length > 0));

      assert.match((await place.maestro(['resume', 'out'])).stdout, /goes on, 8 steps to go/);
      const again = await place.maestro(['resume', 'out']);
      assert.equal(again.code, 0, again.stderr);
      assert.match(again.stdout, /is conducted by pid \d+ on host \S+, user \S+\n$/);
      openGate(study);
      assert.equal(await study.untilEnded(), 'finished');
      assertAllFinished(study);
      assertRanOnce(study, names);
      const late = await place.maestro(['resume', 'out']);
      assert.equal(late.code, 0, late.stderr);
      assert.match(late.stdout, /has ended: finished\n$/);
    });
  }

  test('is no conductor that is stopped: nobody takes over from that one', async (t) => {
    const place = makePlace(t);
    const study = await place.launch(place.specification([gated('a')], FOUR_CORES));
    await untilBegun(study, ['a']);
    const conductor = study.conductor();
    signal(conductor, 'SIGSTOP');
    const { stdout } = await place.maestro(['resume', 'out']);
    assert.match(stdout, new RegExp(`is conducted by pid ${conductor} `));
    signal(conductor, 'SIGCONT');
    openGate(study);
    assert.equal(await study.untilEnded(), 'finished');
  });

  test('leaves the foreground with 130 at Ctrl-C, and the study to resume', async (t) => {
    const place = makePlace(t);
    const file = place.specification(twoLayers(names), FOUR_CORES);
    const run = place.start(['run', '-y', '-fg', '-o', 'out', file]);
    const study = place.study();
    await study.until('steps run', () => study.lines('trace').length === names.length);
    signal(run.pid, 'SIGINT');
    assert.equal((await run.ended).code, 130);
    assert.equal((await place.maestro(['resume', 'out'])).code, 0);
    openGate(study);
    assert.equal(await study.untilEnded(), 'finished');
    assertRanOnce(study, names);
  });
});

describe('one conductor a study', { concurrency: 2 }, () => {
  test('a second one is refused, with who holds the lease', async (t) => {
    const place = makePlace(t);
    const study = await place.launch(place.specification([gated('a')], FOUR_CORES));
    const second = await place.maestro(['conductor', 'out']);
    assert.equal(second.code, 1);
    const holder = new RegExp(
      `^error: the study is conducted by pid ${study.conductor()} on host \\S+, user \\S+\n$`,
    );
    assert.match(second.stderr, holder);
    openGate(study);
    assert.equal(await study.untilEnded(), 'finished');
    assert.equal(study.lease()?.epoch, 1);
  });

  test('of two that resume at once one wins, and the other says who', async (t) => {
    const place = makePlace(t);
    const study = await place.launch(place.specification([gated('a')], FOUR_CORES));
    await untilBegun(study, ['a']);
    signal(study.conductor(), 'SIGKILL');
    const both = await Promise.all([1, 2].map(() => place.maestro(['resume', 'out'])));
    const winner = study.conductor();
    const texts = both.map(({ stdout, stderr }) => `${stdout}${stderr}`).sort();
    assert.match(
      texts.find((text) => text.includes('goes on'))!,
      new RegExp(`conducted by process ${winner}\n`),
    );
    assert.match(
      texts.find((text) => !text.includes('goes on'))!,
      new RegExp(`is conducted by pid ${winner} `),
    );
    assert.deepEqual(
      both.map(({ code }) => code),
      [0, 0],
    );
    assert.equal(study.lease()?.epoch, 2);
    openGate(study);
    assert.equal(await study.untilEnded(), 'finished');
    assertRanOnce(study, ['a']);
  });

  test('a lease of a process that is another by now is taken over', async (t) => {
    const place = makePlace(t);
    const study = await place.launch(place.specification([gated('a')], FOUR_CORES));
    await untilBegun(study, ['a']);
    signal(study.conductor(), 'SIGKILL');
    assert.equal((await place.maestro(['conductor', '--status', 'out'])).code, 0);
    assert.match((await place.maestro(['status', 'out'])).stdout, /stopped/);
    await place.maestro(['resume', 'out']);
    openGate(study);
    assert.equal(await study.untilEnded(), 'finished');
  });
});

describe('a step runner that is killed', { concurrency: 2 }, () => {
  const names = ['a', 'b'];
  const others = ['v', 'w', 'x', 'y'];

  function mixedSteps() {
    const free = others.map((name) => ({ name, cmd: 'true', depends: ['hold'] }));
    return [
      ...twoLayers(names),
      { name: 'hold', cmd: 'while [ ! -e "$(OUTPUT_PATH)/others" ]; do sleep 0.02; done' },
      ...free,
    ];
  }

  /** What ran under the killed runner is given up only once its process has ended. */
  function assertGivenUpLate(study: StudyUnderTest): void {
    for (const name of names) {
      assert.equal(study.stateOf(name), 'FAILED');
      assert.equal(study.stateOf(`after-${name}`), 'FAILED');
      const { id } = study.rows().find((row) => row.name === name)!;
      const path = study.events().flatMap(({ step, from, to }) => (step === id ? [`${from}>${to}`] : []));
      assert.deepEqual(path, ['INITIALIZED>PENDING', 'PENDING>RUNNING', 'RUNNING>UNKNOWN', 'UNKNOWN>FAILED']);
    }
    assertRanOnce(study, names);
  }

  test('is replaced; its steps are given up once they have ended', async (t) => {
    const place = makePlace(t);
    const study = await place.launch(place.specification(mixedSteps(), FOUR_CORES));
    await untilBegun(study, names);
    await study.until('hold runs', () => study.stateOf('hold') === 'RUNNING');
    const conductor = study.conductor();
    signal(study.runners()[0]!, 'SIGKILL');
    await study.until('the conductor has noticed', () => study.log().includes('the step runner has died'));
    assert.match(study.log(), /ERROR\] the step runner has died \(signal SIGKILL\); looking at what it left/);
    writeFileSync(study.path('others'), '');
    // `hold` has lost its runner too: what depends on it cannot run, and the rest stays as it was.
    await study.until('hold is given up', () => study.stateOf('hold') === 'FAILED');
    assert.deepEqual(names.map(study.stateOf), ['RUNNING', 'RUNNING']);
    openGate(study);
    assert.equal(await study.untilEnded(), 'failed');
    assert.equal(study.lease()?.process.pid, conductor);
    assertGivenUpLate(study);
  });

  test('leaves the steps that have not begun to the next one', async (t) => {
    const place = makePlace(t);
    const waiting = Array.from({ length: 30 }, (_, index) => ({
      name: `n${index}`,
      cmd: 'echo "$MAESTRO_ATTEMPT" >> "$(OUTPUT_PATH)/ran"',
    }));
    // Those that are declared last are the first to begin.
    const file = place.specification([...waiting, ...names.map((name) => gated(name))], {
      batch: { type: 'local', cores: 2, shell: '/bin/sh' },
    });
    const study = await place.launch(file);
    await untilBegun(study, names);
    assert.ok(study.count('PENDING') > 2);
    signal(study.runners()[0]!, 'SIGKILL');
    await study.until('the next one has them', () => study.runners().length === 2);
    // What is left running still has its cores: nothing begins beside it.
    openGate(study);
    await study.until('the rest has finished', () => study.count('FINISHED') === waiting.length);
    assert.equal(study.lines('ran').length, waiting.length);
    assert.equal(await study.untilEnded(), 'failed');
  });

  test('together with its conductor leaves nothing unclear', async (t) => {
    const place = makePlace(t);
    const study = await place.launch(place.specification(twoLayers(names), FOUR_CORES));
    await untilBegun(study, names);
    const runner = study.runners()[0]!;
    signal(study.conductor(), 'SIGKILL');
    signal(runner, 'SIGKILL');
    await study.until('both are gone', () => !isThere(runner));
    await place.maestro(['resume', 'out']);
    await study.until('it is said', () =>
      study.log().includes('2 attempts of an earlier conductor still run'),
    );
    assert.deepEqual(names.map(study.stateOf), ['RUNNING', 'RUNNING']);
    openGate(study);
    assert.equal(await study.untilEnded(), 'failed');
    assertGivenUpLate(study);
  });

  test('after its conductor was replaced is not waited for', async (t) => {
    const place = makePlace(t);
    const study = await place.launch(place.specification(twoLayers(names), FOUR_CORES));
    await untilBegun(study, names);
    signal(study.conductor(), 'SIGKILL');
    await place.maestro(['resume', 'out']);
    signal(study.runners()[0]!, 'SIGKILL');
    openGate(study);
    assert.equal(await study.untilEnded(), 'failed');
    assertGivenUpLate(study);
  });
});
