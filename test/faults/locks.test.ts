import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gated, openGate } from '../e2e/gate.ts';
import { isThere, makePlace, type Place, signal } from '../e2e/harness.ts';

const SOURCE = fileURLToPath(new URL('../fixtures/broken-locks/broken-locks.c', import.meta.url));
const LOCAL = { batch: { type: 'local', cores: 2, shell: '/bin/sh' } };

const noCompiler =
  spawnSync('cc', ['--version']).status === 0
    ? false
    : 'no C compiler here to make a file system without locks';

/** What a program needs in its environment to live on a file system whose locks do not work. */
function brokenLocks(place: Place, how: 'refused' | 'pretended'): Record<string, string> {
  const library = place.path('..', 'broken-locks.so');
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, SOURCE, '-ldl']);
  return { LD_PRELOAD: library, BROKEN_LOCKS: how };
}

const REASON = {
  refused:
    /^error: locks do not work on the file system of .*\.maestro \(SQLITE_BUSY\); keep the study on another file system, .*\n$/,
  pretended:
    /^error: locks do not work on the file system of .*\.maestro: two processes could hold the same one; .*\n$/,
};

describe('a file system without locks', { concurrency: 2, skip: noCompiler }, () => {
  for (const how of ['refused', 'pretended'] as const) {
    test(`gets no study: a lock is ${how}`, async (t) => {
      const place = makePlace(t);
      const file = place.specification([{ name: 'a', cmd: 'true' }], LOCAL);
      const { code, stderr } = await place.maestro(['run', '-y', '-o', 'out', file], {
        env: brokenLocks(place, how),
      });
      assert.equal(code, 1);
      assert.match(stderr, REASON[how]);
      assert.ok(!existsSync(place.path('out')), 'nothing is left behind');
    });

    test(`gets no conductor for a study that was moved there: a lock is ${how}`, async (t) => {
      const place = makePlace(t);
      const study = await place.launch(place.specification([gated('a')], LOCAL));
      await study.until('a runs', () => study.stateOf('a') === 'RUNNING');
      const conductor = study.conductor();
      signal(conductor, 'SIGTERM');
      await study.until('the conductor has left', () => !isThere(conductor));
      const { code, stderr } = await place.maestro(['conductor', 'out'], { env: brokenLocks(place, how) });
      assert.equal(code, 1);
      assert.match(stderr, REASON[how]);
      assert.equal(study.lease()?.epoch, 1, 'nobody has taken the lease');
      const left = readdirSync(study.path('.maestro')).filter((name) => name.startsWith('locks-'));
      assert.deepEqual(left, []);
      assert.equal((await place.maestro(['resume', 'out'])).code, 0);
      openGate(study);
      assert.equal(await study.untilEnded(), 'finished');
    });
  }
});
