import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { gated, openGate } from './gate.ts';
import { isThere, makePlace, type Place, type StepOfTest, signal } from './harness.ts';
import type { StudyUnderTest } from './study-under-test.ts';

const LOCAL = { batch: { type: 'local', cores: 4, shell: '/bin/sh' } };

const SIZES = { 'global.parameters': { SIZE: { values: [10, 20], label: 'SIZE.%%' } } };

/** A step that notes that it has begun, then does the rest. */
function counted(name: string, rest: string, run: Readonly<Record<string, unknown>> = {}): StepOfTest {
  return { name, cmd: `echo ${name} $(SIZE) >> "$(OUTPUT_PATH)/runs"\n${rest}`, ...run };
}

/** A mesh, what is computed on it and fails until a file exists, a plot of that, and a report of all. */
const BROKEN: readonly StepOfTest[] = [
  counted('mesh', 'true'),
  counted(
    'simulate',
    'echo "try $(SIZE)"\nif [ ! -e "$(OUTPUT_PATH)/input" ]; then echo "there is no input" >&2; exit 3; fi\ntouch result',
    { depends: ['mesh'] },
  ),
  counted('plot', 'true', { depends: ['simulate'] }),
  { name: 'report', cmd: 'echo report >> "$(OUTPUT_PATH)/runs"', depends: ['plot_*'] },
];

async function launchBroken(place: Place): Promise<StudyUnderTest> {
  const study = await place.launch(place.specification(BROKEN, { ...LOCAL, ...SIZES }));
  assert.equal(await study.untilEnded(), 'failed');
  await study.until('its conductor has left', () => study.lease()?.releasedAt !== undefined);
  return study;
}

function mend(study: StudyUnderTest): void {
  writeFileSync(study.path('input'), '');
}

/** How often each step has run: `{ 'mesh 10': 1, … }`. */
function runsOf(study: StudyUnderTest): Record<string, number> {
  const runs: Record<string, number> = {};
  for (const line of study.lines('runs')) runs[line] = (runs[line] ?? 0) + 1;
  return runs;
}

/** The study has gone on to an end, which is not the one that it had come to before. */
async function untilEndedAgain(study: StudyUnderTest, outcome: string): Promise<void> {
  await study.until(`the study has ${outcome}`, () => study.outcome() === outcome);
}

describe('retry', { concurrency: 2 }, () => {
  test('runs what failed and what depends on it, and nothing else', async (t) => {
    const place = makePlace(t);
    const study = await launchBroken(place);
    assert.deepEqual(runsOf(study), { 'mesh 10': 1, 'mesh 20': 1, 'simulate 10': 1, 'simulate 20': 1 });
    mend(study);
    const { code, stdout, stderr } = await place.maestro(['retry', '-y', 'out']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /out: 5 steps to run again\n/);
    assert.match(stdout, /^simulate_SIZE\.10 +FAILED +exit code 3$/m);
    assert.match(stdout, /^plot_SIZE\.20 +FAILED +simulate_SIZE\.20 did not finish$/m);
    assert.match(stdout, /out: running 5 steps again, conducted by process \d+\n/);
    await untilEndedAgain(study, 'finished');
    assert.deepEqual(runsOf(study), {
      'mesh 10': 1,
      'mesh 20': 1,
      'simulate 10': 2,
      'simulate 20': 2,
      'plot 10': 1,
      'plot 20': 1,
      report: 1,
    });
    assert.deepEqual(
      study.attempts('simulate_SIZE.10').map(({ number, outcome }) => [number, outcome]),
      [
        [1, 'FAILED'],
        [2, 'FINISHED'],
      ],
    );
    const again = await place.maestro(['retry', '-y', '--step', 'mesh*', 'out']);
    assert.equal(again.code, 0);
    assert.match(again.stdout, /nothing to retry; no step has failed \(--from STEP runs a finished one/);
    const unknown = await place.maestro(['retry', '-y', '--from', 'mesh_SIZE.1', 'out']);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /has no step 'mesh_SIZE\.1'; did you mean 'mesh_SIZE\.10'\?/);
  });

  test('--dry says what would run and changes nothing', async (t) => {
    const place = makePlace(t);
    const study = await launchBroken(place);
    const before = study.events().length;
    const { code, stdout } = await place.maestro(['retry', '--dry', '--param', 'SIZE=10', 'out']);
    assert.equal(code, 0);
    assert.match(stdout, /2 steps to run again/);
    assert.match(stdout, /This was a dry run: nothing is changed\.\n$/);
    assert.deepEqual([study.outcome(), study.events().length], ['failed', before]);
    assert.ok(!existsSync(study.path('.maestro', 'requests')));
  });

  test('of one combination leaves the others, and says what it cannot run', async (t) => {
    const place = makePlace(t);
    const study = await launchBroken(place);
    mend(study);
    const { code, stderr } = await place.maestro(['retry', '-y', '--step', 'simulate_SIZE.10', 'out']);
    assert.equal(code, 0);
    assert.equal(stderr, 'not retried: report needs plot_SIZE.20, which is FAILED\n');
    await study.until('the plot is there', () => study.stateOf('plot_SIZE.10') === 'FINISHED');
    await untilEndedAgain(study, 'failed');
    assert.equal(runsOf(study)['simulate 20'], 1);
    assert.equal(study.stateOf('report'), 'FAILED');
  });

  test('refuses what could never start', async (t) => {
    const place = makePlace(t);
    const study = await launchBroken(place);
    const { code, stdout, stderr } = await place.maestro(['retry', '-y', '--step', 'plot*', 'out']);
    assert.equal(code, 1);
    assert.match(stdout, /nothing can be run again/);
    assert.match(stderr, /not retried: plot_SIZE\.10 needs simulate_SIZE\.10, which is FAILED\n/);
    assert.equal(study.outcome(), 'failed');
  });

  test('--only leaves what depends on it as it is', async (t) => {
    const place = makePlace(t);
    const study = await launchBroken(place);
    mend(study);
    const { code } = await place.maestro(['retry', '-y', '--only', '--step', 'simulate_*', 'out']);
    assert.equal(code, 0);
    await study.until(
      'both have run',
      () => runsOf(study)['simulate 20'] === 2 && study.count('FINISHED') === 4,
    );
    await untilEndedAgain(study, 'failed');
    assert.deepEqual([study.stateOf('plot_SIZE.10'), runsOf(study)['plot 10']], ['FAILED', undefined]);
  });

  test('--from runs a finished step and everything after it', async (t) => {
    const place = makePlace(t);
    const study = await launchBroken(place);
    mend(study);
    await place.maestro(['retry', '-y', 'out']);
    await untilEndedAgain(study, 'finished');
    const { code, stdout } = await place.maestro(['retry', '-y', '--from', 'simulate_SIZE.10', 'out']);
    assert.equal(code, 0);
    assert.match(stdout, /^simulate_SIZE\.10 +FINISHED +asked for$/m);
    assert.match(stdout, /^plot_SIZE\.10 +FINISHED +depends on what runs again$/m);
    await study.until('the report is written again', () => runsOf(study).report === 2);
    await untilEndedAgain(study, 'finished');
    assert.deepEqual(
      [runsOf(study)['simulate 10'], runsOf(study)['simulate 20'], runsOf(study)['plot 10']],
      [3, 2, 2],
    );
  });

  test('--clean begins in an empty workspace and keeps the old one readable', async (t) => {
    const place = makePlace(t);
    const study = await launchBroken(place);
    mend(study);
    const { code } = await place.maestro(['retry', '-y', '--clean', 'out']);
    assert.equal(code, 0);
    await untilEndedAgain(study, 'finished');
    assert.ok(existsSync(study.path('simulate', 'SIZE.10.attempt-1')));
    assert.ok(!existsSync(study.path('simulate', 'SIZE.10.attempt-1', 'result')));
    assert.ok(existsSync(study.path('simulate', 'SIZE.10', 'result')));
    assert.ok(!existsSync(study.path('plot', 'SIZE.10.attempt-0')), 'a step that never ran left nothing');
    const logs = (...words: string[]) => place.maestro(['logs', 'out', 'simulate_SIZE.10', ...words]);
    assert.equal((await logs('--err', '--attempt', '1')).stdout, 'there is no input\n');
    assert.equal((await logs('--attempt', '2')).stdout, 'try 10\n');
    assert.equal((await logs('--err')).stdout, '');
    const third = await logs('--attempt', '3');
    assert.equal(third.code, 1);
    assert.match(third.stderr, /attempt 3 of simulate_SIZE\.10 wrote no output; attempts so far: 2/);
  });

  test('is taken by the conductor of a study that runs', async (t) => {
    const place = makePlace(t);
    const file = place.specification([...BROKEN, gated('long')], { ...LOCAL, ...SIZES });
    const study = await place.launch(file);
    await study.until('both have failed', () => study.count('FAILED') === 5);
    const conductor = study.conductor();
    mend(study);
    const { code, stdout } = await place.maestro(['retry', '-y', 'out']);
    assert.equal(code, 0);
    assert.match(stdout, /out: running 5 steps again\n/);
    await study.until('the report is there', () => study.stateOf('report') === 'FINISHED');
    assert.equal(study.conductor(), conductor);
    assert.equal(study.stateOf('long'), 'RUNNING');
    openGate(study);
    assert.equal(await study.untilEnded(), 'finished');
    assert.equal(runsOf(study)['simulate 10'], 2);
  });

  test('starts a conductor where the last one was killed, and loses nothing of what ran', async (t) => {
    const place = makePlace(t);
    const file = place.specification([...BROKEN, gated('long')], { ...LOCAL, ...SIZES });
    const study = await place.launch(file);
    await study.until(
      'all else is over',
      () => study.count('FAILED') === 5 && study.stateOf('long') === 'RUNNING',
    );
    signal(study.conductor(), 'SIGKILL');
    mend(study);
    const { code, stdout } = await place.maestro(['retry', '-y', 'out']);
    assert.equal(code, 0);
    assert.match(stdout, /Nobody conducts the study now/);
    await study.until('the report is there', () => study.stateOf('report') === 'FINISHED');
    openGate(study);
    assert.equal(await study.untilEnded(), 'finished');
    assert.deepEqual(study.lines('trace'), ['begin long', 'end long']);
  });

  test('asks first, and does nothing without an answer', async (t) => {
    const place = makePlace(t);
    const study = await launchBroken(place);
    const { code, stderr } = await place.maestro(['retry', 'out']);
    assert.equal(code, 1);
    assert.match(stderr, /Run 5 steps again\? \[y\/n\]/);
    assert.match(stderr, /answer beforehand with --yes \(-y\)/);
    assert.equal(study.outcome(), 'failed');
  });
});

describe('cancel of a part', { concurrency: 2 }, () => {
  const steps = (): StepOfTest[] => [
    gated('left'),
    gated('right'),
    { name: 'after-left', cmd: 'true', depends: ['left'] },
    { name: 'after-right', cmd: 'true', depends: ['right'] },
  ];

  test('ends what runs and what waits for it; the rest goes on', async (t) => {
    const place = makePlace(t);
    const study = await place.launch(place.specification(steps(), LOCAL));
    await study.until('both run', () => study.lines('trace').length === 2);
    const { code, stdout, stderr } = await place.maestro(['cancel', '-y', '--step', 'left', 'out']);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /out: 2 steps to cancel\n/);
    assert.match(stdout, /^after-left +INITIALIZED +depends on what is cancelled$/m);
    assert.match(stdout, /out: 2 steps are being cancelled\n.*out: cancelled\n$/);
    assert.deepEqual([study.stateOf('left'), study.stateOf('after-left')], ['CANCELLED', 'CANCELLED']);
    assert.equal(study.stateOf('right'), 'RUNNING');
    openGate(study);
    assert.equal(await study.untilEnded(), 'cancelled');
    assert.equal(study.stateOf('after-right'), 'FINISHED');
    assert.equal((await place.maestro(['retry', '-y', 'out'])).code, 0);
    await untilEndedAgain(study, 'finished');
  });

  test('of what has not begun yet is not undone by its turn', async (t) => {
    const place = makePlace(t);
    const names = ['a', 'b'];
    const wide = names.map((name) => gated(name, { 'cores per task': 4 }));
    const after = names.map((name) => ({ name: `after-${name}`, cmd: 'true', depends: [name] }));
    const study = await place.launch(place.specification([...wide, ...after], LOCAL));
    const next = await study.until('one runs, and the other is handed over', () => {
      const states = names.map((name) => study.stateOf(name));
      return states.includes('RUNNING') && names[states.indexOf('PENDING')];
    });
    const { code, stderr } = await place.maestro(['cancel', '-y', '--step', next, 'out']);
    assert.equal(code, 0, stderr);
    assert.deepEqual([study.stateOf(next), study.stateOf(`after-${next}`)], ['CANCELLED', 'CANCELLED']);
    openGate(study);
    assert.equal(await study.untilEnded(), 'cancelled');
    assert.equal(study.lines('trace').filter((line) => line.startsWith('begin')).length, 1);
  });

  test('of steps that have ended cancels nothing', async (t) => {
    const place = makePlace(t);
    const file = place.specification([{ name: 'done', cmd: 'true' }, gated('long')], LOCAL);
    const study = await place.launch(file);
    await study.until('it is done', () => study.stateOf('done') === 'FINISHED');
    const { code, stdout } = await place.maestro(['cancel', '-y', '--step', 'done', 'out']);
    assert.deepEqual([code, stdout.endsWith('nothing to cancel; what matches has ended\n')], [0, true]);
    openGate(study);
    assert.equal(await study.untilEnded(), 'finished');
  });
});

describe('pause', { concurrency: 2 }, () => {
  async function launchPaused(place: Place): Promise<StudyUnderTest> {
    const steps = [gated('first'), { name: 'second', cmd: 'true', depends: ['first'] }];
    const study = await place.launch(place.specification(steps, LOCAL));
    await study.until('the first runs', () => study.lines('trace').length === 1);
    const { code, stdout } = await place.maestro(['pause', 'out']);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /out is paused: 1 step in flight, no more are started; `maestro resume .*` goes on\n/,
    );
    openGate(study);
    await study.until('the first has finished', () => study.stateOf('first') === 'FINISHED');
    return study;
  }

  test('starts nothing more until resume', async (t) => {
    const place = makePlace(t);
    const study = await launchPaused(place);
    const status = await place.maestro(['status', 'out']);
    assert.match(status.stdout, /^trial · running · PAUSED · 1 of 2 steps/);
    assert.match(status.stdout, /paused: nothing more is started; `maestro resume .*` goes on/);
    const explained = await place.maestro(['explain', 'out', 'second']);
    assert.match(explained.stdout, /The study is paused, so nothing more is started\./);
    assert.equal(study.stateOf('second'), 'INITIALIZED');
    assert.match((await place.maestro(['pause', 'out'])).stdout, /is paused already/);
    const resumed = await place.maestro(['resume', 'out']);
    assert.match(resumed.stdout, /is paused no more and goes on, 1 step to go\n/);
    assert.equal(await study.untilEnded(), 'finished');
  });

  test('outlives its conductor, and ends with a resume that starts another', async (t) => {
    const place = makePlace(t);
    const study = await launchPaused(place);
    const conductor = study.conductor();
    signal(conductor, 'SIGKILL');
    await study.until('it is dead', () => !isThere(conductor));
    assert.match((await place.maestro(['status', 'out'])).stdout, /^trial · stopped · PAUSED · /);
    const { code, stdout } = await place.maestro(['resume', 'out']);
    assert.equal(code, 0);
    assert.match(stdout, /is paused no more and goes on, 1 step to go, conducted by process \d+\n/);
    assert.equal(await study.untilEnded(), 'finished');
  });
});

describe('what happened', { concurrency: 2 }, () => {
  test('is told by events, for people and for programs', async (t) => {
    const place = makePlace(t);
    await launchBroken(place);
    const { stdout } = await place.maestro(['events', '--step', 'simulate_SIZE.1*', 'out']);
    const lines = stdout.trimEnd().split('\n');
    assert.equal(lines.length, 3);
    assert.match(lines[2]!, /^[-\d]+ [:\d]+ {2}simulate_SIZE\.10: RUNNING -> FAILED \(exit code 3\)$/);
    const json = await place.maestro(['events', '--json', 'out']);
    const events = json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(Object.keys(events[0]!), ['id', 'at', 'step', 'from', 'to', 'why']);
    assert.equal(events.filter(({ to }) => to === 'FAILED').length, 5);
  });

  test('is followed until nobody conducts the study any more', async (t) => {
    const place = makePlace(t);
    const study = await place.launch(place.specification([gated('long')], LOCAL));
    const following = place.start(['events', '-f', 'out']);
    await study.until('it runs', () => study.lines('trace').length === 1);
    openGate(study);
    const { code, stdout } = await following.ended;
    assert.equal(code, 0);
    assert.match(stdout, /long: RUNNING -> FINISHED \(exit code 0\)\n/);
  });

  test('is explained with the last lines that the step wrote, and with the culprit', async (t) => {
    const place = makePlace(t);
    const study = await launchBroken(place);
    const { stdout } = await place.maestro(['explain', 'out', 'simulate_SIZE.10']);
    assert.match(stdout, /^simulate_SIZE\.10 is FAILED\n\nAttempt 1 failed at .*: exit code 3\.\n/);
    assert.match(stdout, /Its standard error ends with:\n {2}there is no input\nin .*\.err\n/);
    assert.match(stdout, / {2}maestro retry --step simulate_SIZE\.10 '.*out'\n$/);
    const report = await place.maestro(['explain', '--json', 'out', 'report']);
    const { culprits, sentences } = JSON.parse(report.stdout) as {
      culprits: { total: number; shown: { name: string }[] };
      sentences: string[];
    };
    assert.deepEqual(
      [culprits.total, culprits.shown.map(({ name }) => name)],
      [2, ['simulate_SIZE.10', 'simulate_SIZE.20']],
    );
    assert.match(sentences[0]!, /^It was not started, because what it depends on did not finish: /);
    const unknown = await place.maestro(['explain', 'out', 'simulate_SIZE.11']);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /has no step 'simulate_SIZE\.11'; did you mean 'simulate_SIZE\.1?0'\?/);
    rmSync(study.path('simulate'), { recursive: true });
    assert.match((await place.maestro(['explain', 'out', 'simulate_SIZE.10'])).stdout, /exit code 3/);
  });
});

test('update --attempts lets a step that fails be tried more often', { timeout: 120_000 }, async (t) => {
  const place = makePlace(t);
  const step = gated('flaky');
  const file = place.specification([{ ...step, cmd: `${step.cmd}\nexit 1` }], LOCAL);
  const study = await place.launch(file);
  await study.until('it runs', () => study.lines('trace').length === 1);
  const { code, stdout } = await place.maestro(['update', '--attempts', '3', 'out']);
  assert.deepEqual([code, stdout.endsWith('out: attempts 3\n')], [0, true]);
  await study.until('it is known', () => /limits are now .*, attempts 3\n/.test(study.log()));
  openGate(study);
  assert.equal(await study.untilEnded(), 'failed');
  assert.equal(study.attempts('flaky').length, 3);
  assert.match(readFileSync(study.path('status.csv'), 'utf8'), /FAILED/);
});
