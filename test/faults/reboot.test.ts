import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { gated, openGate } from '../e2e/gate.ts';
import { isThere, makePlace, type Place, signal } from '../e2e/harness.ts';
import type { StudyUnderTest } from '../e2e/study-under-test.ts';
import { afterReboot, noOtherMachines, rewriteLease } from './elsewhere.ts';

const NAMES = ['a', 'b'];
const LOCAL = { batch: { type: 'local', cores: 2, shell: '/bin/sh' } };

async function running(place: Place): Promise<StudyUnderTest> {
  const steps = NAMES.flatMap((name) => [
    gated(name),
    { name: `after-${name}`, cmd: 'true', depends: [name] },
  ]);
  const study = await place.launch(place.specification(steps, LOCAL));
  await study.until('a and b run', () => study.count('RUNNING') === NAMES.length);
  return study;
}

/** Everything that was started here is gone at once, as when the power fails. */
async function loseAllProcesses(place: Place, study: StudyUnderTest): Promise<void> {
  await study.until('nothing is left', () => {
    for (const pid of place.processes()) signal(pid, 'SIGKILL');
    return place.processes().length === 0;
  });
}

/** What began and how often, what ended and how often. */
function countLines(study: StudyUnderTest): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of study.lines('trace')) counts[line] = (counts[line] ?? 0) + 1;
  return counts;
}

describe('a machine that has restarted', { concurrency: 2, skip: noOtherMachines() }, () => {
  test('cut steps off: they are submitted again, and what had ended is not', async (t) => {
    const place = makePlace(t);
    const study = await running(place);
    await loseAllProcesses(place, study);
    const resumed = await place.maestro(['resume', 'out'], { under: afterReboot(place) });
    assert.equal(resumed.code, 0, resumed.stderr);
    openGate(study);
    assert.equal(await study.untilEnded(), 'finished');
    for (const name of NAMES) {
      assert.deepEqual(
        study.attempts(name).map(({ outcome }) => outcome),
        ['HWFAILURE', 'FINISHED'],
      );
      assert.equal(study.attempts(`after-${name}`).length, 1);
    }
    assert.deepEqual(countLines(study), { 'begin a': 2, 'begin b': 2, 'end a': 1, 'end b': 1 });
    assert.match(study.log(), /restarted while it ran/);
  });

  test('has other processes under the old pids: none of them is taken for what had it before', async (t) => {
    const place = makePlace(t);
    const study = await running(place);
    await loseAllProcesses(place, study);
    // This process lives, and has by chance the pid and even the start time of conductor and runner.
    const startTicks = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')[19]!;
    rewriteLease(study, 'pid = ?, start_ticks = ?', process.pid, startTicks);
    const records = study.path('.maestro', 'runner', readdirSync(study.path('.maestro', 'runner'))[0]!);
    const text = readFileSync(records, 'utf8');
    writeFileSync(records, text.replace(/^runner \d+ \d+ /, `runner ${process.pid} ${startTicks} `));
    const resumed = await place.maestro(['resume', 'out'], { under: afterReboot(place) });
    assert.match(resumed.stdout, /goes on/, resumed.stderr);
    openGate(study);
    assert.equal(await study.untilEnded(), 'finished');
    for (const name of NAMES) assert.equal(study.attempts(name).at(-1)?.outcome, 'FINISHED');
    assert.ok(isThere(process.pid));
  });

  test('or has not: a pid that is used again is told from its first bearer by its start time', async (t) => {
    const place = makePlace(t);
    const study = await running(place);
    await loseAllProcesses(place, study);
    rewriteLease(study, 'pid = ?', process.pid);
    const resumed = await place.maestro(['resume', 'out']);
    assert.match(resumed.stdout, /goes on/, resumed.stderr);
    openGate(study);
    // On the same boot nobody can have cut them off but somebody: nobody knows how far they came.
    assert.equal(await study.untilEnded(), 'failed');
    for (const name of NAMES) assert.equal(study.attempts(name).at(-1)?.outcome, 'UNKNOWN');
    assert.deepEqual(countLines(study), { 'begin a': 1, 'begin b': 1 });
  });
});
