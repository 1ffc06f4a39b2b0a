import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gated, openGate } from '../e2e/gate.ts';
import { isThere, makePlace, signal } from '../e2e/harness.ts';
import { noOtherMachines, onHost, rewriteLease, SILENT_FOR_LONG } from './elsewhere.ts';
import { assertEventsFollow } from './exactly-once.ts';

const NAMES = ['a', 'b'];
const LOCAL = { batch: { type: 'local', cores: 2, shell: '/bin/sh' } };

describe('a conductor that is stopped past its lease', { skip: noOtherMachines() }, () => {
  test('and goes on after another host has taken over leaves without another write', async (t) => {
    const place = makePlace(t);
    const steps = NAMES.flatMap((name) => [gated(name), gated(`after-${name}`, { depends: [name] })]);
    const study = await place.launch(place.specification(steps, LOCAL), [], { under: onHost('first') });
    await study.until('a and b run', () => study.count('RUNNING') === NAMES.length);
    const first = study.conductor();
    assert.equal(study.lease()?.host, 'first');
    signal(first, 'SIGSTOP');
    rewriteLease(study, SILENT_FOR_LONG);
    const resumed = await place.maestro(['resume', 'out'], { under: onHost('second') });
    assert.match(resumed.stdout, /goes on/, resumed.stderr);
    assert.equal(study.lease()?.host, 'second');
    const before = study.events().length;

    signal(first, 'SIGCONT');
    // What has ended meanwhile is the first thing that it would record.
    openGate(study);
    await study.until('the first conductor has left', () => !isThere(first));
    assert.match(study.log(), /another conductor has taken the study over/);
    assert.equal(await study.untilEnded(), 'finished');
    assert.equal(study.lease()?.epoch, 2);
    const lines = steps.flatMap(({ name }) => [`begin ${name}`, `end ${name}`]);
    assert.deepEqual(study.lines('trace').sort(), lines.sort());
    assertEventsFollow(study);
    const doubled = study
      .events()
      .slice(before)
      .filter(({ from, to }) => from === to);
    assert.deepEqual(doubled, []);
    for (const { name } of steps) assert.equal(study.attempts(name).length, 1, name);
  });
});
