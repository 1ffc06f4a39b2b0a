import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isThere, makePlace, noMounts, type Place, signal } from '../e2e/harness.ts';
import type { StudyUnderTest } from '../e2e/study-under-test.ts';
import { until } from '../e2e/until.ts';

const CHAIN = 12;

/** A study on a small disk, with everything that the test looks at beside it. */
interface Scene {
  readonly place: Place;
  readonly disk: string;
  readonly study: StudyUnderTest;
  readonly conductor: number;
  /** The names of the steps that ran, in order. */
  ran(): string[];
  log(): string;
  openGate(): void;
}

/** Launches a chain of steps of which the first waits at a gate; what they write goes to another disk. */
async function launchOnTinyDisk(place: Place): Promise<Scene> {
  const disk = place.mountTiny('disk', 4);
  const beside = (name: string): string => place.path(name);
  const steps = Array.from({ length: CHAIN }, (_, index) => ({
    name: `s${index}`,
    cmd: [
      `echo s${index} >> "${beside('trace')}"`,
      index === 0 ? `while [ ! -e "${beside('gate')}" ]; do sleep 0.02; done` : ':',
    ].join('\n'),
    ...(index === 0 ? {} : { depends: [`s${index - 1}`] }),
  }));
  const file = place.specification(steps, { batch: { type: 'local', cores: 2, shell: '/bin/sh' } });
  const { code, stderr } = await place.maestro(['-l', 'logs', 'run', '-y', '-o', 'disk/out', file]);
  assert.equal(code, 0, stderr);
  const study = place.study('disk/out');
  const textOf = (name: string): string =>
    existsSync(beside(name)) ? readFileSync(beside(name), 'utf8') : '';
  const scene: Scene = {
    place,
    disk,
    study,
    conductor: study.conductor(),
    ran: () => textOf('trace').split('\n').slice(0, -1),
    log: () => textOf('logs/trial.log'),
    openGate: () => writeFileSync(beside('gate'), ''),
  };
  await until(
    'the first step runs',
    () => scene.ran().length === 1 && study.stateOf('s0') === 'RUNNING',
    scene.log,
  );
  return scene;
}

/** Leaves not one byte. */
function fill(disk: string): void {
  const ballast = openSync(join(disk, 'ballast'), 'w');
  for (const size of [1 << 20, 1 << 12, 1]) {
    const chunk = Buffer.alloc(size, 'x');
    try {
      for (;;) writeSync(ballast, chunk);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
    }
  }
  closeSync(ballast);
}

const makeRoom = (disk: string): void => rmSync(join(disk, 'ballast'));

const OUTAGE =
  /ERROR\] (?:the store cannot be written: database or disk is full|steps cannot be started here: ENOSPC \(\w+\)); trying again/;
const OUTAGE_OVER = /INFO\] (?:the store can be written again|steps can be started again)/;

async function untilOutage({ openGate, log, disk }: Scene): Promise<void> {
  fill(disk);
  openGate();
  await until('the conductor complains', () => OUTAGE.test(log()), log);
}

async function assertEndsWell({ study, ran, log }: Scene): Promise<void> {
  await until('the study has ended', () => study.outcome() !== undefined, log);
  assert.equal(study.outcome(), 'finished');
  assert.deepEqual(
    ran(),
    Array.from({ length: CHAIN }, (_, index) => `s${index}`),
  );
}

describe('a disk that is full', { concurrency: 2, skip: noMounts() }, () => {
  test('is waited for until there is room again', async (t) => {
    const scene = await launchOnTinyDisk(makePlace(t));
    await untilOutage(scene);
    makeRoom(scene.disk);
    await assertEndsWell(scene);
    assert.match(scene.log(), OUTAGE_OVER);
    assert.equal(scene.study.lease()?.epoch, 1);
    assert.ok(
      scene.study
        .statusCsv()
        .slice(1)
        .every((row) => row[3] === 'FINISHED'),
    );
  });

  test('does not keep a conductor from leaving, nor the study from going on later', async (t) => {
    const scene = await launchOnTinyDisk(makePlace(t));
    await untilOutage(scene);
    signal(scene.conductor, 'SIGTERM');
    await until('the conductor has left', () => !isThere(scene.conductor), scene.log);
    const tooEarly = await scene.place.maestro(['resume', 'disk/out']);
    // The store may have found a little room when it was closed: then the next conductor waits, too.
    if (tooEarly.code === 0) assert.match(tooEarly.stdout, /goes on/);
    else assert.match(tooEarly.stderr, /^error: .*(?:disk is full|ENOSPC|no space).*\n$/i);
    makeRoom(scene.disk);
    const resumed = await scene.place.maestro(['-l', 'logs', 'resume', 'disk/out']);
    assert.equal(resumed.code, 0, resumed.stderr);
    await assertEndsWell(scene);
  });

  test('loses nothing where the conductor is killed meanwhile', async (t) => {
    const scene = await launchOnTinyDisk(makePlace(t));
    await untilOutage(scene);
    signal(scene.conductor, 'SIGKILL');
    await until('the conductor is gone', () => !isThere(scene.conductor), scene.log);
    makeRoom(scene.disk);
    const resumed = await scene.place.maestro(['-l', 'logs', 'resume', 'disk/out']);
    assert.equal(resumed.code, 0, resumed.stderr);
    await assertEndsWell(scene);
  });

  test('makes no half study', async (t) => {
    const place = makePlace(t);
    const disk = place.mountTiny('disk', 1);
    fill(disk);
    const file = place.specification([{ name: 'a', cmd: 'true' }]);
    for (const how of [[], ['--dry']]) {
      const { code, stderr } = await place.maestro(['run', '-y', ...how, '-o', 'disk/out', file]);
      assert.equal(code, 1);
      assert.match(
        stderr,
        /^error: .* cannot be written \(\w+\); the disk is full: make room, or name another place with -o\n$/,
      );
      assert.ok(!existsSync(join(disk, 'out')));
    }
  });
});

describe('a file system that is read-only', { concurrency: 2, skip: noMounts() }, () => {
  /** False while something is still open for writing there. */
  const remount = (disk: string, how: 'ro' | 'rw'): boolean =>
    spawnSync('mount', ['-o', `remount,${how}`, disk]).status === 0;

  test('is told of, and a study on it goes on once it can be written', async (t) => {
    const scene = await launchOnTinyDisk(makePlace(t));
    const { study, place } = scene;
    const [runner] = study.runners();
    signal(scene.conductor, 'SIGKILL');
    scene.openGate();
    await until('the runner has gone', () => !isThere(runner!), scene.log);
    await until('it is read-only', () => remount(scene.disk, 'ro'));
    for (const command of [['resume'], ['cancel', '-y'], ['conductor'], ['update', '--throttle', '1']]) {
      const { code, stderr } = await place.maestro([...command, 'disk/out']);
      assert.equal(code, 1, command.join(' '));
      assert.match(stderr, /^error: .*(?:readonly|read-only).*\n$/, command.join(' '));
      assert.doesNotMatch(stderr, /damaged|bug|\n\s+at /);
    }
    const run = await place.maestro(['run', '-y', '-o', 'disk/new', place.path('study.yaml')]);
    assert.match(run.stderr, /\(EROFS\); the file system is read-only: name another place with -o\n$/);
    assert.ok(remount(scene.disk, 'rw'));
    assert.equal((await place.maestro(['-l', 'logs', 'resume', 'disk/out'])).code, 0);
    await assertEndsWell(scene);
  });

  test('lets a study be read that has ended', async (t) => {
    const scene = await launchOnTinyDisk(makePlace(t));
    scene.openGate();
    await assertEndsWell(scene);
    await until('it is read-only', () => remount(scene.disk, 'ro'));
    const said = async (...command: string[]): Promise<string> => {
      const { code, stdout, stderr } = await scene.place.maestro(command);
      assert.deepEqual([code, stderr], [0, ''], command.join(' '));
      return stdout;
    };
    assert.match(await said('status', 'disk/out'), /trial · finished · 12 of 12 steps/);
    assert.match(await said('events', 'disk/out'), /s11/);
    assert.match(await said('explain', 'disk/out', 's3'), /s3 is FINISHED/);
    assert.ok(remount(scene.disk, 'rw'));
  });
});
