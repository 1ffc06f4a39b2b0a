import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { gated, openGate } from './gate.ts';
import { isThere, makePlace, type Place, processesWith, signal } from './harness.ts';
import { moments, noted } from './overlap.ts';
import type { StudyUnderTest } from './study-under-test.ts';

const LOCAL = { batch: { type: 'local', cores: 4, shell: '/bin/sh' } };

/** A step whose shell dies of SIGTERM while what it has started does not. */
const STUBBORN = {
  name: 'stubborn',
  cmd: '(trap "" TERM; echo ready >> "$(OUTPUT_PATH)/trace"; while true; do sleep 0.05; done) &\nwait',
};

/** A study with steps that run, one that waits for its turn, and some that wait for those. */
async function launchMixed(
  place: Place,
  more: readonly { name: string; cmd: string }[] = [],
): Promise<StudyUnderTest> {
  const steps = [
    gated('a'),
    gated('b'),
    ...more,
    { name: 'after-a', cmd: 'true', depends: ['a'] },
    { name: 'last', cmd: 'true', depends: ['after-a', 'b'] },
    { name: 'done', cmd: 'true' },
  ];
  const study = await place.launch(place.specification(steps, LOCAL));
  const isReady = more.length === 0 ? () => true : () => study.lines('trace').includes('ready');
  await study.until('the steps run', () => {
    const begun = ['begin a', 'begin b'].every((line) => study.lines('trace').includes(line));
    return begun && isReady() && study.stateOf('done') === 'FINISHED' && study.stateOf('b') === 'RUNNING';
  });
  return study;
}

function stepProcesses(study: StudyUnderTest): number[] {
  return study.rows().flatMap(({ id }) => processesWith(`MAESTRO_ATTEMPT=${study.token()}.${id}.1`));
}

/** What had finished stays so, all else is cancelled, and nothing of it runs any more. */
function assertCancelled(study: StudyUnderTest): void {
  for (const { name, state } of study.rows())
    assert.equal(state, name === 'done' ? 'FINISHED' : 'CANCELLED', name);
  assert.deepEqual(stepProcesses(study), []);
  assert.equal(study.outcome(), 'cancelled');
  assert.ok(!existsSync(study.path('.cancel.lock')));
  assert.match(study.log(), /cancelling: \d in flight, \d not started/);
  assert.ok(study.events().some(({ why }) => why === 'cancelled by request'));
}

describe('cancel', { concurrency: 2 }, () => {
  test('by command ends everything', async (t) => {
    const place = makePlace(t);
    const study = await launchMixed(place);
    const { code, stdout, stderr } = await place.maestro(['cancel', '-y', 'out']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /has ended: cancelled\n$/);
    assertCancelled(study);
    const again = await place.maestro(['cancel', '-y', 'out']);
    assert.match(again.stdout, /has ended(?: already)?: cancelled\n$/);
  });

  test('by a lock file that was put there by hand ends everything', async (t) => {
    const place = makePlace(t);
    const study = await launchMixed(place, [STUBBORN]);
    writeFileSync(study.path('.cancel.lock'), '');
    assert.equal(await study.untilEnded(), 'cancelled');
    assertCancelled(study);
  });

  test('of a study in the foreground makes it end with 3', async (t) => {
    const place = makePlace(t);
    const file = place.specification([gated('a'), { name: 'b', cmd: 'true', depends: ['a'] }], LOCAL);
    const run = place.start(['run', '-y', '-fg', '-o', 'out', file]);
    const study = place.study();
    await study.until('a runs', () => study.lines('trace').includes('begin a'));
    writeFileSync(study.path('.cancel.lock'), '');
    assert.equal((await run.ended).code, 3);
    assert.deepEqual(
      study.rows().map(({ state }) => state),
      ['CANCELLED', 'CANCELLED'],
    );
  });

  test('of a study whose conductor is dead ends what it had left running', async (t) => {
    const place = makePlace(t);
    const study = await launchMixed(place, [STUBBORN]);
    signal(study.conductor(), 'SIGKILL');
    const { code, stdout, stderr } = await place.maestro(['cancel', '-y', 'out']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /has ended: cancelled\n$/);
    assertCancelled(study);
  });

  test('of a study whose conductor and runner are dead ends what they had left running', async (t) => {
    const place = makePlace(t);
    const study = await launchMixed(place, [STUBBORN]);
    const [runner] = study.runners();
    signal(study.conductor(), 'SIGKILL');
    signal(runner!, 'SIGKILL');
    await study.until('the runner is gone', () => !isThere(runner!));
    const { code, stderr } = await place.maestro(['cancel', '-y', 'out']);
    assert.equal(code, 0, stderr);
    assertCancelled(study);
  });

  test('goes on where a conductor was killed while it cancelled', async (t) => {
    const place = makePlace(t);
    const study = await launchMixed(place, [STUBBORN]);
    writeFileSync(study.path('.cancel.lock'), '');
    await study.until('it is being cancelled', () => study.stateOf('last') === 'CANCELLED');
    signal(study.conductor(), 'SIGKILL');
    await place.maestro(['resume', 'out']);
    assert.equal(await study.untilEnded(), 'cancelled');
    assertCancelled(study);
  });
});

describe('update', { concurrency: 2 }, () => {
  const names = ['a', 'b', 'c', 'd'];

  async function launchThrottled(place: Place): Promise<StudyUnderTest> {
    const file = place.specification(
      names.map((name) => gated(name)),
      LOCAL,
    );
    const study = await place.launch(file, ['--throttle', '1']);
    await study.until('one step runs', () => study.count('RUNNING') === 1);
    return study;
  }

  test('by a lock file that was written by hand counts at once', async (t) => {
    const place = makePlace(t);
    const study = await launchThrottled(place);
    writeFileSync(study.path('.study.update.lock'), 'rlimit: null\nsleep: 1\nthrottle: 3\n');
    await study.until('three steps run', () => study.count('RUNNING') === 3);
    assert.match(study.log(), /limits are now throttle 3, rlimit 1, sleep 1\n/);
    await study.until('the lock file is removed', () => !existsSync(study.path('.study.update.lock')));
    openGate(study);
    assert.equal(await study.untilEnded(), 'finished');
  });

  test('of the cores counts at once, lets what runs go on, and outlives the conductor', async (t) => {
    const place = makePlace(t);
    const wide = names.map((name) => gated(name));
    const after = names.map((name) => noted(`after-${name}`, 'sleep 0.05', { depends: names }));
    const batch = { type: 'local', cores: 1, shell: '/bin/sh' };
    const study = await place.launch(place.specification([...wide, ...after], { batch }));
    await study.until('one step runs', () => study.count('RUNNING') === 1);
    const { stdout } = await place.maestro(['update', '--cores', '4', '--gpus', '0', 'out']);
    assert.match(stdout, /out: cores 4, gpus 0\n$/);
    await study.until('four steps run', () => study.count('RUNNING') === 4);
    assert.equal((await place.maestro(['update', '--cores', '2', 'out'])).code, 0);
    await study.until('it is known', () => /limits are now .*, cores 2\n/.test(study.log()));
    assert.equal(study.count('RUNNING'), 4);
    signal(study.conductor(), 'SIGKILL');
    openGate(study);
    assert.equal((await place.maestro(['resume', 'out'])).code, 0);
    assert.equal(await study.untilEnded(), 'finished');
    const lines = study.lines('trace').filter((line) => line.includes('after-'));
    assert.equal(Math.max(...moments(lines).map(({ length }) => length)), 2);
  });

  test('of the cores is refused where a scheduler hands them out', async (t) => {
    const place = makePlace(t);
    const batch = { type: 'slurm', host: 'h', bank: 'b', queue: 'q' };
    // It asks for no nodes, and runs beside the conductor without a scheduler.
    const file = place.specification([gated('a')], { batch });
    const study = await place.launch(file);
    await study.until('it runs', () => study.count('RUNNING') === 1);
    const { code, stderr } = await place.maestro(['update', '--cores', '4', 'out']);
    assert.equal(code, 1);
    assert.match(stderr, /out runs on slurm, which hands out cores and gpus itself/);
    assert.match(stderr, /leave --cores out; --throttle limits/);
    writeFileSync(study.path('.study.update.lock'), 'cores: 4\n');
    await study.until('it is told', () => study.log().includes('cores and gpus were not changed'));
    openGate(study);
    assert.equal(await study.untilEnded(), 'finished');
  });

  test('by command counts at once, and 0 is a value', async (t) => {
    const place = makePlace(t);
    const study = await launchThrottled(place);
    assert.equal((await place.maestro(['update', '--throttle', '0', 'out'])).code, 0);
    await study.until('all steps run', () => study.count('RUNNING') === 4);
    openGate(study);
    assert.equal(await study.untilEnded(), 'finished');
  });

  const garbage = {
    'no YAML': '{throttle: [',
    'a list': '- 1\n- 2\n',
    'a word': 'throttle',
    'a negative number': 'throttle: -1\n',
    'a fraction': 'rlimit: 1.5\n',
    'a text': 'sleep: soon\n',
    'bytes that are no text': Buffer.from([0xff, 0xfe, 0x00, 0x80]),
  };

  test('that makes no sense is removed with a word, and the study goes on', async (t) => {
    const place = makePlace(t);
    const study = await launchThrottled(place);
    for (const [what, text] of Object.entries(garbage)) {
      const said = (): number =>
        study.log().split('ERROR] .study.update.lock was not understood and is removed: ').length;
      const before = said();
      writeFileSync(study.path('.study.update.lock'), text);
      await study.until(`${what} is refused`, () => said() > before);
      await study.until(`${what} is removed`, () => !existsSync(study.path('.study.update.lock')));
    }
    assert.equal(study.count('RUNNING'), 1);
    openGate(study);
    assert.equal(await study.untilEnded(), 'finished');
  });

  test('or cancel that is a directory does no harm', async (t) => {
    const place = makePlace(t);
    const study = await launchThrottled(place);
    mkdirSync(study.path('.study.update.lock'));
    await study.until('it is said', () => study.log().includes('is removed: it cannot be read (EISDIR)'));
    mkdirSync(study.path('.cancel.lock'));
    assert.equal(await study.untilEnded(), 'cancelled');
    assert.ok(!existsSync(study.path('.cancel.lock')));
  });
});

describe('a lock file that comes too late', { concurrency: 2 }, () => {
  test('on a finished study changes nothing', async (t) => {
    const place = makePlace(t);
    const file = place.specification([noted('a', 'true')], LOCAL);
    assert.equal((await place.maestro(['run', '-y', '-fg', '-o', 'out', file])).code, 0);
    const study = place.study();
    const before = study.events().length;
    writeFileSync(study.path('.cancel.lock'), '');
    const { code, stdout, stderr } = await place.maestro(['resume', 'out']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /has ended: finished\n\.cancel\.lock came too late and is removed\n$/);
    assert.ok(!existsSync(study.path('.cancel.lock')));
    writeFileSync(study.path('.cancel.lock'), '');
    assert.equal((await place.maestro(['conductor', 'out'])).code, 0);
    assert.equal(study.outcome(), 'finished');
    assert.equal(study.events().length, before);
    assert.match(study.log(), /\.cancel\.lock is removed: the study has ended\n$/);
    assert.ok(!existsSync(study.path('.cancel.lock')));
  });
});
