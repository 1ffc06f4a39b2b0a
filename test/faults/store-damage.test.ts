import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import Database from 'better-sqlite3';
import { examineStudy } from '../../src/conductor/rebuild/examine-study.ts';
import { rebuildStore } from '../../src/conductor/rebuild/rebuild-store.ts';
import { copyFile } from '../../src/shared/state/copy/copy-file.ts';
import { TABLE_NAMES } from '../../src/shared/state/copy/tables.ts';
import { storeFile } from '../../src/shared/state/store.ts';
import { gated, openGate } from '../e2e/gate.ts';
import { isThere, makePlace, type Place, signal } from '../e2e/harness.ts';
import type { StudyUnderTest } from '../e2e/study-under-test.ts';
import { randomFrom } from './random.ts';

const NAMES = ['a', 'b', 'c'];
const PAGE = 4096;

/** Steps that have ended, steps that run, and steps that wait for those. */
function specification(place: Place): string {
  const early = NAMES.map((name) => ({
    name: `early-${name}`,
    cmd: `echo begin early-${name} >> "$(OUTPUT_PATH)/trace"\necho end early-${name} >> "$(OUTPUT_PATH)/trace"`,
  }));
  const running = NAMES.map((name) => gated(`running-${name}`, { depends: [`early-${name}`] }));
  const late = NAMES.map((name) => gated(`late-${name}`, { depends: [`running-${name}`] }));
  return place.specification([...early, ...running, ...late], {
    batch: { type: 'local', cores: 4, shell: '/bin/sh' },
  });
}

const ALL = ['early', 'running', 'late'].flatMap((layer) => NAMES.map((name) => `${layer}-${name}`));

/** A study in the middle of its life, whose conductor has just been killed and whose runner goes on. */
async function interrupted(t: TestContext): Promise<{ place: Place; study: StudyUnderTest }> {
  const place = makePlace(t);
  const study = await place.launch(specification(place));
  await study.until('all of the second layer run', () => study.count('RUNNING') === NAMES.length);
  const conductor = study.conductor();
  signal(conductor, 'SIGTERM');
  await study.until('the conductor has left', () => !isThere(conductor));
  return { place, study };
}

async function assertEndsOnce(place: Place, study: StudyUnderTest): Promise<void> {
  const resumed = await place.maestro(['resume', study.directory]);
  assert.equal(resumed.code, 0, resumed.stderr);
  openGate(study);
  assert.equal(await study.untilEnded(), 'finished');
  const expected = ALL.flatMap((name) => [`begin ${name}`, `end ${name}`]);
  assert.deepEqual(study.lines('trace').sort(), expected.sort());
  assert.equal(study.count('FINISHED'), ALL.length);
}

/** Everything that a store holds, but for the lease and the notes of the study as a whole. */
function contents(directory: string): unknown[] {
  const store = new Database(storeFile(directory), { readonly: true });
  try {
    const tables = TABLE_NAMES.filter((table) => table !== 'lease');
    return tables.map((table) => {
      const rest = table === 'event' ? 'WHERE step IS NOT NULL' : '';
      return store.prepare(`SELECT * FROM ${table} ${rest}`).all();
    });
  } finally {
    store.close();
  }
}

/** The study directory again, with other bytes in its store. */
function withStore(place: Place, study: StudyUnderTest, bytes: Buffer): string {
  const directory = place.path('harmed');
  rmSync(directory, { recursive: true, force: true });
  cpSync(study.directory, directory, { recursive: true });
  writeFileSync(storeFile(directory), bytes);
  return directory;
}

/** The lines of the copy up to the end of its first batch: as it was when the study was made. */
function cutCopyBack(study: StudyUnderTest): void {
  const file = copyFile(study.directory);
  const lines = readFileSync(file, 'utf8').split('\n');
  const end = lines.findIndex((line) => line.startsWith('["end"'));
  writeFileSync(file, `${lines.slice(0, end + 1).join('\n')}\n`);
}

describe('a store', { concurrency: 2 }, () => {
  test('that is cut short at any page is found out and restored as it was', async (t) => {
    const { place, study } = await interrupted(t);
    const bytes = readFileSync(storeFile(study.directory));
    const before = contents(study.directory);
    assert.ok(bytes.length >= 8 * PAGE, `${bytes.length / PAGE} pages`);
    for (let length = 0; length < bytes.length; length += PAGE) {
      const directory = withStore(place, study, bytes.subarray(0, length));
      assert.equal(examineStudy(directory).store.kind, 'damaged', `${length} bytes`);
      const { kept } = rebuildStore(directory);
      assert.deepEqual(readFileSync(kept!), bytes.subarray(0, length));
      assert.deepEqual(contents(directory), before, `${length} bytes`);
      assert.equal(examineStudy(directory).store.kind, 'intact', `${length} bytes`);
    }
  });

  const SEED = 20261122;
  test(`with a flipped bit is found out, or nothing of it has changed (seed ${SEED})`, async (t) => {
    const { place, study } = await interrupted(t);
    const bytes = readFileSync(storeFile(study.directory));
    const before = contents(study.directory);
    // Most of a small store is room for more.
    const written = [...bytes.keys()].filter((at) => bytes[at] !== 0);
    const random = randomFrom(SEED);
    let found = 0;
    for (let flips = 0; flips < 200; flips++) {
      const harmed = Buffer.from(bytes);
      const at = written[Math.floor(random() * written.length)]!;
      harmed[at] = harmed[at]! ^ (1 << Math.floor(random() * 8));
      const directory = withStore(place, study, harmed);
      const { store } = examineStudy(directory);
      if (store.kind === 'intact') assert.deepEqual(contents(directory), before, `byte ${at}`);
      else found++;
      if (store.kind !== 'damaged') continue;
      rebuildStore(directory);
      assert.deepEqual(contents(directory), before, `byte ${at}`);
    }
    assert.ok(found > 100, `${found} flips were found out`);
  });

  test('that is gone is restored, and the study goes on as if nothing had been', async (t) => {
    const { place, study } = await interrupted(t);
    rmSync(storeFile(study.directory));
    const refused = await place.maestro(['resume', study.directory]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /study\.db is gone; restore it: maestro doctor --rebuild /);
    const { code, stdout, stderr } = await place.maestro(['doctor', '--rebuild', study.directory]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /9 steps \(INITIALIZED 3 · RUNNING 3 · FINISHED 3\)/);
    await assertEndsOnce(place, study);
  });

  test('that is an older one is found out: it has lost what its copy knows', async (t) => {
    const place = makePlace(t);
    const study = await place.launch(specification(place));
    await study.until('all of the second layer run', () => study.count('RUNNING') === NAMES.length);
    const conductor = study.conductor();
    // Without its write-ahead log a store is what it was at the last checkpoint.
    await study.until('the copy is up to date', () => {
      return examineStudy(study.directory).copy.kind === 'whole';
    });
    signal(conductor, 'SIGKILL');
    await study.until('the conductor is gone', () => !isThere(conductor));
    rmSync(`${storeFile(study.directory)}-wal`, { force: true });
    const refused = await place.maestro(['resume', study.directory]);
    assert.match(
      refused.stderr,
      /it ends with event \d+, and its copy knows \d+: it has lost the newest ones/,
    );
    assert.equal((await place.maestro(['doctor', '--rebuild', study.directory])).code, 0);
    await assertEndsOnce(place, study);
  });
});

describe('a store and its copy', { concurrency: 2 }, () => {
  test('that have both lost everything since the study was made are restored from what runners recorded', async (t) => {
    const { place, study } = await interrupted(t);
    cutCopyBack(study);
    writeFileSync(storeFile(study.directory), '');
    const { code, stdout, stderr } = await place.maestro(['doctor', '--rebuild', study.directory]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /what 6 steps left elsewhere: 9 steps \(INITIALIZED 3 · RUNNING 6\)/);
    await assertEndsOnce(place, study);
  });

  test('and the runners’ records: what may have run counts as lost, and is run again only when asked for', async (t) => {
    const { place, study } = await interrupted(t);
    openGate(study);
    await study.until('what ran has ended', () => study.lines('trace').length === 12);
    cutCopyBack(study);
    writeFileSync(storeFile(study.directory), '');
    rmSync(study.path('.maestro', 'runner'), { recursive: true });
    assert.equal((await place.maestro(['doctor', '--rebuild', study.directory])).code, 0);
    assert.equal((await place.maestro(['resume', study.directory])).code, 0);
    assert.equal(await study.untilEnded(), 'failed');
    assert.equal(study.lines('trace').length, 12, 'nothing ran again');
    const lost = new Set(study.events().flatMap(({ step, to }) => (to === 'UNKNOWN' ? [step] : [])));
    assert.equal(lost.size, NAMES.length * 2);
  });

  test('without a plan can only be given up, and that is said', async (t) => {
    const { place, study } = await interrupted(t);
    writeFileSync(storeFile(study.directory), '');
    rmSync(copyFile(study.directory));
    const { code, stderr } = await place.maestro(['doctor', '--rebuild', study.directory]);
    assert.equal(code, 1);
    assert.match(stderr, /^error: the plan of .* is lost with its store and the store's copy; .*\n$/);
  });
});

describe('doctor --rebuild', { concurrency: 2 }, () => {
  test('leaves an intact store alone', async (t) => {
    const { place, study } = await interrupted(t);
    const bytes = readFileSync(storeFile(study.directory));
    const { code, stdout } = await place.maestro(['doctor', '--rebuild', study.directory]);
    assert.equal(code, 0);
    assert.match(stdout, /is intact: there is nothing to restore/);
    assert.deepEqual(readFileSync(storeFile(study.directory)), bytes);
  });

  test('refuses a study that is conducted', async (t) => {
    const place = makePlace(t);
    const study = await place.launch(specification(place));
    await study.until('all of the second layer run', () => study.count('RUNNING') === NAMES.length);
    const conductor = study.conductor();
    await study.until('the copy is up to date', () => examineStudy(study.directory).copy.kind === 'whole');
    signal(conductor, 'SIGSTOP');
    const store = new Database(storeFile(study.directory));
    store.pragma('wal_checkpoint(TRUNCATE)');
    const bytes = readFileSync(storeFile(study.directory));
    writeFileSync(storeFile(study.directory), bytes.subarray(0, 3 * PAGE));
    const { code, stderr } = await place.maestro(['doctor', '--rebuild', study.directory]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      new RegExp(`^error: the study is conducted by pid ${conductor} .*; end it first: kill`),
    );
    store.close();
    signal(conductor, 'SIGKILL');
    await study.until('the conductor is gone', () => !isThere(conductor));
    assert.equal((await place.maestro(['doctor', '--rebuild', study.directory])).code, 0);
    await assertEndsOnce(place, study);
  });

  test('tells programs what it found', async (t) => {
    const { place, study } = await interrupted(t);
    const file = storeFile(study.directory);
    writeFileSync(file, readFileSync(file).subarray(0, 2 * PAGE));
    const told = await place.maestro(['doctor', '--json', study.directory]);
    assert.equal(told.code, 1);
    const { study: harmed, isWell } = JSON.parse(told.stdout);
    assert.equal(isWell, false);
    assert.equal(harmed.store.state, 'damaged');
    assert.deepEqual(harmed.recoverable.counts, { FINISHED: 3, RUNNING: 3, INITIALIZED: 3 });
    assert.equal(harmed.runners.length, 1);
    const rebuilt = JSON.parse(
      (await place.maestro(['doctor', '--rebuild', '--json', study.directory])).stdout,
    );
    assert.equal(rebuilt.rebuilt.kept, join(study.directory, '.maestro', 'study.db.damaged-1'));
    assert.equal(rebuilt.study.store.state, 'intact');
  });
});
