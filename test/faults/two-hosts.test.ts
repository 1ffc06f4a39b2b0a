import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { makePlace, signal } from '../e2e/harness.ts';
import { noOtherMachines, onHost } from './elsewhere.ts';
import { assertExactlyOnce } from './exactly-once.ts';

const ROUNDS = 8;
const HOSTS = ['first', 'second'] as const;

describe('two hosts', { skip: noOtherMachines() }, () => {
  test(`that want one study, ${ROUNDS} times over: one has it, the other says who`, async (t) => {
    const place = makePlace(t);
    const values = Array.from({ length: 400 }, (_, index) => index);
    const cmd = 'echo a_I.$(I) >> "$(OUTPUT_PATH)/trace"\nsleep 0.1';
    const file = place.specification([{ name: 'a', cmd }], {
      batch: { type: 'local', cores: 2, shell: '/bin/sh' },
      'global.parameters': { I: { values, label: 'I.%%' } },
    });
    const study = await place.launch(file, [], { under: onHost(HOSTS[0]) });
    for (let round = 1; round <= ROUNDS; round++) {
      const holder = study.lease()!;
      // It has taken the lease; before it can leave in order it has to have begun.
      const begun = study.lines('trace').length;
      await study.until('it conducts', () => study.lines('trace').length > begun);
      signal(holder.process.pid, 'SIGTERM');
      await study.until('it has left', () => study.lease()?.releasedAt !== undefined);
      const both = HOSTS.map((host) => place.start(['conductor', 'out'], { under: onHost(host) }));
      const loser = await Promise.race(both.map(({ ended }) => ended));
      const winner = study.lease()!;
      assert.equal(loser.code, 1);
      assert.match(
        loser.stderr,
        new RegExp(
          `^error: the study is conducted by pid ${winner.process.pid} on host ${winner.host}, user `,
        ),
      );
      assert.equal(winner.epoch, round + 1);
    }
    assert.equal(await study.untilEnded(), 'finished');
    assertExactlyOnce(study);
  });
});
