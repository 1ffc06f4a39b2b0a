import assert from 'node:assert/strict';
import { HEARTBEAT_MS } from '../../src/shared/state/lease.ts';
import { isThere, type Place, signal } from '../e2e/harness.ts';
import type { StudyUnderTest } from '../e2e/study-under-test.ts';
import type { Permits } from './permits.ts';

/** The events of each step make one path from its beginning to the state that it is in. */
export function assertEventsFollow(study: StudyUnderTest): void {
  const states = new Map<number, string>();
  for (const { id, step, from, to } of study.events()) {
    if (step === null || from === null || to === null) continue;
    assert.equal(from, states.get(step) ?? 'INITIALIZED', `event ${id} of step ${step}`);
    states.set(step, to);
  }
  for (const { id, state } of study.rows()) assert.equal(states.get(id) ?? 'INITIALIZED', state);
}

/** Each step ran once, by the lines that the steps wrote into the file `trace`, and finished. */
export function assertExactlyOnce(study: StudyUnderTest): void {
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

/** The command of a step that tells when it begins and when it ends, and ends once it has a permit. */
export function tracedCommand(name: string, permits: Permits): string {
  // One line, one write: lines of steps that run at once do not mix.
  return [
    `echo ${name} >> "$(OUTPUT_PATH)/trace"`,
    permits.await,
    `echo ${name} >> "$(OUTPUT_PATH)/ended"`,
  ].join('\n');
}

/** What is to be killed how often, and what is random about it. */
export interface Kills {
  readonly count: number;
  readonly random: () => number;
  readonly env?: Readonly<Record<string, string>>;
  /** What the study's steps wait for. They all have one once the last kill is done. */
  readonly permits: Permits;
  /** A number that grows as the study goes on: a moment is when it has grown by so much. */
  readonly progress: () => number;
  /** The moment of a kill comes after the progress has grown by 0 up to so much. */
  readonly atMost: number;
}

/**
 * Kills the conductor, starts another and kills that, again and again: one in four as soon as it holds the lease, when
 * it has only begun to look around, the others once the study has gone on by a random amount. The study lasts as
 * long as that takes: its steps get permits to end in equal parts, a part for each kill.
 */
export async function killAgainAndAgain(place: Place, study: StudyUnderTest, kills: Kills): Promise<void> {
  const { count, random, permits, progress, atMost, env = {} } = kills;
  const steps = study.rows().length;
  const first = study.conductor();
  signal(first, 'SIGKILL');
  await study.until('the first conductor is gone', () => !isThere(first));
  for (let kill = 1; kill <= count; kill++) {
    const before = study.lease()?.epoch ?? 0;
    const running = place.start(['conductor', study.directory], { env });
    permits.give(Math.floor((steps * kill) / count) - permits.given());
    const lease = await study.until(`conductor ${kill} holds the lease`, () => {
      const newest = study.lease();
      return newest !== undefined && newest.epoch > before && newest;
    });
    const more = random() < 0.25 ? 0 : Math.floor(random() * (atMost + 1));
    const goal = progress() + more;
    await study.until(`the study goes on by ${more}`, () => {
      if (progress() >= goal || study.lines('ended').length >= permits.given()) return true;
      // One that looks for a submission whose answer died with its predecessor has nothing to show for a minute.
      return study.lease()!.heartbeat > lease.heartbeat + HEARTBEAT_MS / 2;
    });
    assert.ok(signal(lease.process.pid, 'SIGKILL'), `conductor ${kill} was there to be killed`);
    await running.ended;
  }
}
