import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { isThere, makePlace, type Place, signal } from '../e2e/harness.ts';
import type { StudyUnderTest } from '../e2e/study-under-test.ts';
import { assertEventsFollow, assertExactlyOnce, killAgainAndAgain, tracedCommand } from './exactly-once.ts';
import { makePermits, type Permits } from './permits.ts';
import { randomFrom } from './random.ts';

/** Combinations of the study whose conductor is killed, and of the one whose runner is. */
const SIZE = { conductor: 120, runner: 40 };

/** Five layers of steps: plain dependencies, a funnel that a whole layer awaits, and two more layers. */
const LAYERS = [
  { name: 'seed' },
  { name: 'grow', depends: ['seed'] },
  { name: 'gather', depends: ['grow_*'] },
  { name: 'mill', depends: ['gather'] },
  { name: 'bake', depends: ['mill'] },
];

function bigStudy(place: Place, permits: Permits): string {
  const numbers = Array.from({ length: SIZE.conductor }, (_, index) => index);
  const steps = LAYERS.map(({ name, ...run }) => ({
    name,
    cmd: tracedCommand(`${name}_I.$(I)`, permits),
    ...run,
  }));
  return place.specification(steps, {
    batch: { type: 'local', cores: 4, shell: '/bin/sh' },
    'global.parameters': { I: { values: numbers, label: 'I.%%' } },
  });
}

/** Kills the conductor so often, and lets the study end. */
async function crashUntilEnded(
  t: TestContext,
  { seed, kills, env = {} }: { seed: number; kills: number; env?: Record<string, string> },
): Promise<void> {
  const place = makePlace(t);
  const permits = makePermits(t, place);
  const study = await place.launch(bigStudy(place, permits), [], { env });
  const progress = (): number => study.lines('trace').length + study.lines('ended').length;
  const random = randomFrom(seed);
  await killAgainAndAgain(place, study, { count: kills, random, env, permits, progress, atMost: 8 });
  const last = await place.maestro(['conductor', study.directory], { env });
  assert.equal(last.code, 0, last.stderr);
  assertExactlyOnce(study);
  assert.match(study.log(), /took over from pid \d+ on host \S+, user \S+, which has died/);
}

/** Appends the step's name to a file as soon as it runs: one line, one write. */
const trace = (name: string): string => `echo ${name} >> "$(OUTPUT_PATH)/trace"`;

/** Chains of three steps that know nothing of each other: what is lost in one leaves the others. */
function chains(place: Place): string {
  const numbers = Array.from({ length: SIZE.runner }, (_, index) => index);
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
  const seed = 20261122;
  test(`runs each of ${5 * SIZE.conductor} steps once through 100 kills (seed ${seed})`, (t) =>
    crashUntilEnded(t, { seed, kills: 100 }));
  test('runs each step once with the shell worker (seed 7)', (t) =>
    crashUntilEnded(t, { seed: 7, kills: 30, env: { MAESTRO_RUNNER: 'shell' } }));
});
