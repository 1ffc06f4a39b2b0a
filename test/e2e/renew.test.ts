import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import Database from 'better-sqlite3';
import { gated, openGate } from './gate.ts';
import { makePlace, type Place, type StepOfTest, signal } from './harness.ts';
import type { StudyUnderTest } from './study-under-test.ts';

const LOCAL = { batch: { type: 'local', cores: 4, shell: '/bin/sh' } };

function sizes(...values: readonly number[]) {
  return { ...LOCAL, 'global.parameters': { SIZE: { values, label: 'SIZE.%%' } } };
}

/** A step that notes that it has begun, then does the rest. */
function counted(name: string, rest: string, run: Readonly<Record<string, unknown>> = {}): StepOfTest {
  return { name, cmd: `echo ${name} $(SIZE) >> "$(OUTPUT_PATH)/runs"\n${rest}`, ...run };
}

const MESH = counted('mesh', 'echo mesh $(SIZE) > mesh');
const SIMULATE = counted('simulate', 'cp "$(mesh.workspace)/mesh" result', { depends: ['mesh'] });
const WRONG = counted('simulate', 'echo "it is wrong" >&2; exit 3', { depends: ['mesh'] });
const REPORT: StepOfTest = {
  name: 'report',
  cmd: 'echo report >> "$(OUTPUT_PATH)/runs"\ncat "$(simulate.workspace)"/*/result > report',
  depends: ['simulate_*'],
};

const REPORTED: StepOfTest = {
  name: 'report',
  cmd: 'echo report >> "$(OUTPUT_PATH)/runs"',
  depends: ['mesh_*'],
};
const BETTER: StepOfTest = { ...REPORTED, cmd: 'echo better >> "$(OUTPUT_PATH)/runs"' };

/** A study that has come to its end, and whose conductor has left. */
async function ended(place: Place, steps: readonly StepOfTest[], args: readonly string[] = []) {
  const study = await place.launch(place.specification(steps, sizes(10, 20)), args);
  await study.untilEnded();
  await left(study);
  return study;
}

async function left(study: StudyUnderTest): Promise<void> {
  await study.until('its conductor has left', () => study.lease()?.releasedAt !== undefined);
}

/** Gives a study another specification, and waits until it has ended again. */
async function renew(
  place: Place,
  study: StudyUnderTest,
  steps: readonly StepOfTest[],
  rest: Readonly<Record<string, unknown>>,
  ...args: readonly string[]
): Promise<string> {
  const { code, stdout, stderr } = await place.maestro([
    'retry',
    '-y',
    '--spec',
    place.specification(steps, rest),
    ...args,
    'out',
  ]);
  assert.equal(code, 0, stderr);
  await study.untilEnded();
  await left(study);
  return stdout;
}

/** What has run, in alphabetical order, since this was asked last. */
function createRuns(study: StudyUnderTest): () => string[] {
  let seen = 0;
  return () => {
    const lines = study.lines('runs').slice(seen);
    seen += lines.length;
    return lines.sort();
  };
}

/** How many specifications the study has had. */
function editionOf(study: StudyUnderTest): number {
  const store = new Database(study.path('.maestro', 'study.db'), { readonly: true });
  try {
    return store.prepare('SELECT edition FROM study').pluck().get() as number;
  } finally {
    store.close();
  }
}

const contents = (study: StudyUnderTest, ...file: readonly string[]): string =>
  readFileSync(study.path(...file), 'utf8');

describe('another specification', { concurrency: 2 }, () => {
  test('mends a script: what had finished keeps its result, and earlier attempts stay readable', async (t) => {
    const place = makePlace(t);
    const study = await ended(place, [MESH, WRONG, REPORT]);
    const runs = createRuns(study);
    assert.deepEqual(runs(), ['mesh 10', 'mesh 20', 'simulate 10', 'simulate 20']);
    const stdout = await renew(place, study, [MESH, SIMULATE, REPORT], sizes(10, 20));
    assert.match(stdout, /out: 3 steps run again, 2 keep their results\n/);
    assert.match(stdout, /^simulate +SIZE:10 +FAILED +runs again +its script has changed$/m);
    assert.match(stdout, /^report +FAILED +runs again +it has not finished$/m);
    assert.equal(study.outcome(), 'finished');
    assert.deepEqual(runs(), ['report', 'simulate 10', 'simulate 20']);
    assert.equal(contents(study, 'report', 'report'), 'mesh 10\nmesh 20\n');
    assert.deepEqual(
      study.attempts('simulate_SIZE.10').map(({ number, outcome }) => [number, outcome]),
      [
        [1, 'FAILED'],
        [2, 'FINISHED'],
      ],
    );
    const logs = await place.maestro(['logs', '--err', '--attempt', '1', 'out', 'simulate_SIZE.10']);
    assert.match(logs.stdout, /it is wrong/);
    assert.match(contents(study, 'simulate', 'SIZE.10', 'simulate_SIZE.10.sh.1'), /it is wrong/);
    assert.match(contents(study, 'study.yaml'), /cp /);
    assert.match(contents(study, 'study.yaml.1'), /it is wrong/);
    assert.deepEqual(
      readdirSync(study.path('.maestro')).filter((name) => name.startsWith('edition')),
      [],
    );
  });

  test('adds values and removes values, and gathers from those that there are', async (t) => {
    const place = makePlace(t);
    const study = await ended(place, [MESH, SIMULATE, REPORT]);
    const runs = createRuns(study);
    runs();
    const stdout = await renew(place, study, [MESH, SIMULATE, REPORT], sizes(20, 30));
    assert.match(stdout, /out: 1 step runs again, 2 are new, 2 are removed, 2 keep their results\n/);
    assert.deepEqual(runs(), ['mesh 30', 'report', 'simulate 30']);
    assert.equal(contents(study, 'report', 'report'), 'mesh 20\nmesh 30\n');
    assert.equal(study.stateOf('simulate_SIZE.10'), 'REMOVED');
    assert.equal(contents(study, '_removed', 'simulate', 'SIZE.10', 'result'), 'mesh 10\n');
    const status = study.statusCsv().map(([name, , workspace, state, , , , , , , params]) => {
      return [name, workspace, state, params].join(' ');
    });
    assert.ok(
      status.includes('simulate_SIZE.10 _removed/simulate/SIZE.10 REMOVED SIZE:10'),
      status.join('\n'),
    );
    assert.ok(status.includes('simulate_SIZE.30 simulate/SIZE.30 FINISHED SIZE:30'), status.join('\n'));
    const said = await place.maestro(['status', 'out']);
    assert.match(said.stdout, /finished · 5 of 5 steps \(100 %\)/);
    const explained = await place.maestro(['explain', 'out', 'simulate_SIZE.10']);
    assert.match(
      explained.stdout,
      /simulate_SIZE\.10 is REMOVED\n.*Attempt 1 finished.*has no such step any more/s,
    );
    assert.doesNotMatch(contents(study, 'meta', 'parameters.yaml'), /SIZE\.10/);
    const retried = await place.maestro(['retry', '-y', '--from', 'simulate_SIZE.10', 'out']);
    assert.equal(retried.code, 1);
    assert.match(retried.stderr, /simulate_SIZE\.10 is not in the study's specification any more/);

    await renew(place, study, [MESH, SIMULATE, REPORT], sizes(10, 20, 30));
    assert.deepEqual(runs(), ['mesh 10', 'report', 'simulate 10']);
    assert.equal(contents(study, 'report', 'report'), 'mesh 10\nmesh 20\nmesh 30\n');
    assert.deepEqual(
      study.attempts('simulate_SIZE.10').map(({ number }) => number),
      [1, 2],
    );
    assert.deepEqual(readdirSync(study.path('_removed', 'simulate')), []);
  });

  test('that only asks for other resources runs steps again, unless told to ignore it', async (t) => {
    const place = makePlace(t);
    const limited = (walltime: string) => [MESH, { ...SIMULATE, walltime }];
    const study = await ended(place, limited('00:10:00'));
    const runs = createRuns(study);
    runs();
    const ignored = await renew(place, study, limited('00:20:00'), sizes(10, 20), '--ignore-resources');
    assert.match(ignored, /out: 4 steps keep their results\n/);
    assert.deepEqual(runs(), []);
    await renew(place, study, limited('00:30:00'), sizes(10, 20));
    assert.deepEqual(runs(), ['simulate 10', 'simulate 20']);
  });

  test('begins in empty workspaces with --clean', async (t) => {
    const place = makePlace(t);
    const study = await ended(place, [MESH, SIMULATE]);
    const careful = counted('simulate', 'test ! -e result && cp "$(mesh.workspace)/mesh" result', {
      depends: ['mesh'],
    });
    await renew(place, study, [MESH, careful], sizes(10, 20), '--clean');
    assert.equal(study.outcome(), 'finished');
    assert.equal(contents(study, 'simulate', 'SIZE.10.attempt-1', 'result'), 'mesh 10\n');
    const { stdout } = await place.maestro(['logs', '--attempt', '1', 'out', 'simulate_SIZE.10']);
    assert.doesNotMatch(stdout, /no output/);
  });

  test('leaves scripts alone that a user has edited, where it has not changed them', async (t) => {
    const place = makePlace(t);
    const study = await ended(place, [MESH, WRONG]);
    const script = study.path('simulate', 'SIZE.10', 'simulate_SIZE.10.sh');
    writeFileSync(script, '#!/bin/sh\necho edited > result\n');
    const late = counted('late', 'true', { depends: ['mesh'] });
    await renew(place, study, [MESH, WRONG, late], sizes(10, 20));
    assert.equal(study.outcome(), 'failed');
    assert.equal(study.stateOf('simulate_SIZE.10'), 'FINISHED');
    assert.equal(study.stateOf('simulate_SIZE.20'), 'FAILED');
    assert.equal(study.stateOf('late_SIZE.10'), 'FINISHED');
  });

  test('is looked at with --dry and --json, and changes nothing then', async (t) => {
    const place = makePlace(t);
    const study = await ended(place, [MESH, SIMULATE, REPORT]);
    const before = [study.rows(), study.events(), readdirSync(study.directory).sort()];
    const other = place.specification([MESH, SIMULATE, REPORT], sizes(10, 30));
    const { code, stdout, stderr } = await place.maestro([
      'retry',
      '--spec',
      other,
      '--dry',
      '--json',
      'out',
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /nothing is changed/);
    const { counts, steps } = JSON.parse(stdout);
    assert.deepEqual(counts, { kept: 2, removed: 2, again: 1, new: 2 });
    assert.deepEqual(steps[0], {
      name: 'mesh_SIZE.20',
      step: 'mesh',
      params: { SIZE: '20' },
      workspace: '_removed/mesh/SIZE.20',
      state: 'FINISHED',
      fate: 'removed',
      why: 'the specification has it no more',
    });
    assert.deepEqual([study.rows(), study.events(), readdirSync(study.directory).sort()], before);
    const same = await place.maestro([
      'retry',
      '-y',
      '--spec',
      place.specification([MESH, SIMULATE, REPORT], sizes(10, 20)),
      'out',
    ]);
    assert.equal(same.code, 0);
    assert.match(same.stdout, /says what the study is already: nothing is changed/);
    assert.deepEqual([study.rows(), study.events()], before.slice(0, 2));
  });

  test('needs a yes, and a study that nobody conducts', async (t) => {
    const place = makePlace(t);
    const study = await place.launch(place.specification([gated('slow')], LOCAL));
    await study.until('it runs', () => study.count('RUNNING') === 1);
    const other = place.specification([gated('slow'), { name: 'more', cmd: 'true' }], LOCAL);
    const retry = (...args: readonly string[]) => place.maestro(['retry', '--spec', other, ...args, 'out']);
    const live = await retry('-y');
    assert.equal(live.code, 1);
    assert.match(live.stderr, /is conducted by pid \d+ .*; end it first: maestro cancel .*out/);
    assert.match((await retry('--dry')).stdout, /^slow +RUNNING +runs again +it has not finished$/m);

    signal(study.conductor(), 'SIGKILL');
    await study.until('its conductor is gone', () => !existsSync(`/proc/${study.conductor()}`));
    const left = await retry('-y');
    assert.equal(left.code, 1);
    assert.match(left.stderr, /1 step of .* was under way when its conductor left; find out how that ended/);

    openGate(study);
    assert.equal((await place.maestro(['resume', 'out'])).code, 0);
    assert.equal(await study.untilEnded(), 'finished');
    await study.until('its conductor has left', () => study.lease()?.releasedAt !== undefined);
    const silent = await retry();
    assert.equal(silent.code, 1);
    assert.match(silent.stderr, /answer beforehand with --yes/);
    assert.equal(study.rows().length, 1);
    assert.equal((await retry('-y')).code, 0);
    await study.until('it has ended again', () => study.count('FINISHED') === 2);
    assert.deepEqual(study.lines('trace'), ['begin slow', 'end slow']);
  });

  test('is there whole or not at all, whenever the command is killed', async (t) => {
    const place = makePlace(t);
    const values = Array.from({ length: 60 }, (_, index) => index);
    const more = [...values, 60];
    const study = await place.launch(place.specification([MESH, REPORTED], sizes(...values)));
    await study.untilEnded();
    await left(study);
    const [old, other] = ['old', 'other'].map((name) => place.path(`${name}.yaml`)) as [string, string];
    copyFileSync(place.specification([MESH, REPORTED], sizes(...values)), old);
    copyFileSync(place.specification([MESH, BETTER], sizes(...more)), other);
    const staging = () => readdirSync(study.path('.maestro')).some((name) => name.startsWith('edition'));
    const moments: readonly (() => boolean)[] = [
      () => study.lease()?.releasedAt === undefined,
      staging,
      () => editionOf(study) === 2,
      () => existsSync(study.path('study.yaml.1')),
    ];
    for (const moment of moments) {
      const command = place.start(['retry', '-y', '--spec', other, 'out']);
      let hasEnded = false;
      void command.ended.then(() => {
        hasEnded = true;
      });
      // A command that was too fast to be killed then has done all that it had to do.
      await study.until('the moment has come', () => moment() || hasEnded);
      signal(command.pid, 'SIGKILL');
      await command.ended;
      const isNew = editionOf(study) === 2;
      assert.equal(study.rows().length, isNew ? 62 : 61);
      if (!isNew) assert.equal(study.outcome(), 'finished');
    }
    await place.maestro(['retry', '-y', '--spec', other, 'out']);
    assert.match((await place.maestro(['resume', 'out'])).stdout, /has ended|goes on|is conducted/);
    await study.untilEnded();
    await left(study);
    assert.equal(editionOf(study), 2);
    assert.equal(study.outcome(), 'finished');
    assert.equal(contents(study, 'study.yaml'), readFileSync(other, 'utf8'));
    assert.equal(contents(study, 'study.yaml.1'), readFileSync(old, 'utf8'));
    assert.equal(staging(), false);
    const runs = study.lines('runs').sort();
    assert.deepEqual(runs, [...more.map((size) => `mesh ${size}`), 'better', 'report'].sort());
  });

  test('is told what is wrong with it, as in a run', async (t) => {
    const place = makePlace(t);
    const study = await ended(place, [MESH]);
    const before = study.rows();
    const wrong = await place.maestro([
      'retry',
      '-y',
      '--spec',
      place.specification([{ ...MESH, depends: ['mash'] }], sizes(10, 20)),
      'out',
    ]);
    assert.equal(wrong.code, 1);
    assert.match(
      wrong.stderr,
      /study\.yaml:\d+:\d+: step 'mesh' depends on 'mash', which is no step; did you mean 'mesh'\?/,
    );
    const named = place.specification([MESH], {
      ...sizes(10, 20),
      description: { name: 'other', description: 'another study' },
    });
    const other = await place.maestro(['retry', '-y', '--spec', named, 'out']);
    assert.equal(other.code, 1);
    assert.match(
      other.stderr,
      /the specification is named other, and the study in .* trial; give it the same name/,
    );
    assert.deepEqual(study.rows(), before);
  });
});
