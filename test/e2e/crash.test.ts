import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { isThere, makePlace, type Place, signal } from './harness.ts';
import type { StudyUnderTest } from './study-under-test.ts';

const SIZE = 40;

/** Five layers of forty steps: plain dependencies, a funnel that forty steps await, and two more layers. */
const LAYERS = [
  { name: 'seed' },
  { name: 'grow', depends: ['seed'] },
  { name: 'gather', depends: ['grow_*'] },
  { name: 'mill', depends: ['gather'] },
  { name: 'bake', depends: ['mill'] },
];

/** Appends the step's name to a file as soon as it runs: one line, one write. */
const trace = (name: string): string => `echo ${name} >> "$(OUTPUT_PATH)/trace"`;

function bigStudy(place: Place): string {
  const numbers = Array.from({ length: SIZE }, (_, index) => index);
  const steps = LAYERS.map(({ name, ...run }) => ({
    name,
    // Steps last a moment, some longer: there are always some that run when the conductor is killed.
    cmd: `${trace(`${name}_I.$(I)`)}\nsleep 0.$(( $(I) % 3 ))2`,
    ...run,
  }));
  return place.specification(steps, {
    batch: { type: 'local', cores: 4, shell: '/bin/sh' },
    'global.parameters': { I: { values: numbers, label: 'I.%%' } },
  });
}

/** Numbers from 0 up to 1 that are the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Each step ran once and finished, and the events of each step make one path from its beginning to its end. */
function assertExactlyOnce(study: StudyUnderTest): void {
  const rows = study.rows();
  const names = rows.map(({ name }) => name).sort();
  assert.deepEqual(study.lines('trace').sort(), names);
  assert.deepEqual(new Set(rows.map(({ state }) => state)), new Set(['FINISHED']));
  assert.equal(study.outcome(), 'finished');
  assertEventsFollow(study);
  const cells = study.statusCsv();
  assert.equal(cells.length, rows.length + 1);
  assert.ok(cells.slice(1).every((row) => row[3] === 'FINISHED'));
}

function assertEventsFollow(study: StudyUnderTest): void {
  const states = new Map<number, string>();
  for (const { id, step, from, to } of study.events()) {
    if (step === null || from === null || to === null) continue;
    assert.equal(from, states.get(step) ?? 'INITIALIZED', `event ${id} of step ${step}`);
    states.set(step, to);
  }
  for (const { id, state } of study.rows()) assert.equal(states.get(id) ?? 'INITIALIZED', state);
}

/** Kills the conductor once so many more steps have begun; false where the study ends before. */
async function killAfter(study: StudyUnderTest, more: number): Promise<boolean> {
  const goal = study.lines('trace').length + more;
  const conductor = study.conductor();
  const { isKilled } = await study.until(`${more} more steps have begun`, () => {
    if (study.lines('trace').length >= goal) return { isKilled: signal(conductor, 'SIGKILL') };
    return study.outcome() === undefined ? undefined : { isKilled: false };
  });
  return isKilled;
}

/** Resumes, and kills the conductor that comes as soon as it holds the lease: it has only begun to look around. */
async function killTheNext(place: Place, study: StudyUnderTest, env: Record<string, string>): Promise<void> {
  const before = study.lease()!.epoch;
  const resume = place.start(['resume', study.directory], { env });
  const lease = await study.until('another conductor holds the lease', () => {
    const current = study.lease()!;
    return current.epoch > before && current;
  });
  signal(lease.process.pid, 'SIGKILL');
  await resume.ended;
}

/** Kills the conductor after up to so many steps each time; answers how often. */
async function crashUntilEnded(
  t: TestContext,
  { seed, atMost, env = {} }: { seed: number; atMost: number; env?: Record<string, string> },
): Promise<void> {
  const place = makePlace(t);
  const random = randomFrom(seed);
  const study = await place.launch(bigStudy(place), [], { env });
  let kills = 0;
  while (await killAfter(study, Math.floor(random() * atMost))) {
    kills++;
    if (random() < 0.25) await killTheNext(place, study, env);
    const { code, stderr } = await place.maestro(['resume', study.directory], { env });
    assert.equal(code, 0, stderr);
  }
  await study.untilEnded();
  assert.ok(kills >= 3, `the conductor was killed ${kills} times`);
  assertExactlyOnce(study);
  assert.match(study.log(), /took over from pid \d+ on host \S+, user \S+, which has died/);
}

/** Chains of three steps that know nothing of each other: what is lost in one leaves the others. */
function chains(place: Place): string {
  const numbers = Array.from({ length: SIZE }, (_, index) => index);
  const steps = ['a', 'b', 'c'].map((name, index) => ({
    name,
    cmd: `${trace(`${name}_I.$(I)`)}\nsleep 0.0$(( $(I) % 3 ))2`,
    ...(index === 0 ? {} : { depends: [['a', 'b'][index - 1]] }),
  }));
  return place.specification(steps, {
    batch: { type: 'local', cores: 4, shell: '/bin/sh' },
    'global.parameters': { I: { values: numbers, label: 'I.%%' } },
  });
}

/**
 * Nothing ran twice. What finished has run; what was lost has run too, and nobody knows how far; what depends on
 * that has not.
 */
function assertNeverTwice(study: StudyUnderTest): void {
  const ran = study.lines('trace');
  assert.equal(new Set(ran).size, ran.length);
  const lost = new Set(study.events().flatMap(({ step, to }) => (to === 'UNKNOWN' ? [step] : [])));
  for (const { id, name, state } of study.rows()) {
    assert.equal(state, lost.has(id) || !ran.includes(name) ? 'FAILED' : 'FINISHED', name);
    if (lost.has(id)) assert.ok(ran.includes(name), `${name} is said to be lost, and never ran`);
    else if (!ran.includes(name)) assert.notEqual(name[0], 'a', `${name} was forgotten`);
  }
  assertEventsFollow(study);
}

/** Kills runners, and now and then their conductor with them. */
async function crashRunnersUntilEnded(
  t: TestContext,
  { seed, env = {} }: { seed: number; env?: Record<string, string> },
): Promise<void> {
  const place = makePlace(t);
  const random = randomFrom(seed);
  const study = await place.launch(chains(place), [], { env });
  let kills = 0;
  while (study.outcome() === undefined) {
    const goal = study.lines('trace').length + Math.floor(random() * 40);
    await study.until('more steps have begun', () => {
      return (
        study.lines('trace').length >= goal || study.outcome() !== undefined || !isThere(study.conductor())
      );
    });
    const runner = study.runners().at(-1);
    if (runner !== undefined && signal(runner, 'SIGKILL')) kills++;
    if (random() < 0.3) signal(study.conductor(), 'SIGKILL');
    if (isThere(study.conductor()) || study.outcome() !== undefined) continue;
    await place.maestro(['resume', study.directory], { env });
  }
  assert.ok(kills >= 2, `${kills} runners were killed`);
  assertNeverTwice(study);
}

describe('a step runner that is killed again and again', { concurrency: 2 }, () => {
  test('makes no step run twice, and none be forgotten', (t) => crashRunnersUntilEnded(t, { seed: 3 }));
});

describe('a conductor that is killed again and again', { concurrency: 2 }, () => {
  test('runs each of 200 steps once', (t) => crashUntilEnded(t, { seed: 20261122, atMost: 40 }));
  test('runs each of 200 steps once with the shell worker', (t) =>
    crashUntilEnded(t, { seed: 7, atMost: 60, env: { MAESTRO_RUNNER: 'shell' } }));
});
