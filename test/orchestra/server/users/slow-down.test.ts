import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  ACCOUNT,
  ADDRESS,
  failuresThatCount,
  networkOf,
  waitBeforeNextTry,
} from '../../../../src/orchestra/server/users/slow-down.ts';

describe('the wait before the next try to log in', () => {
  it('is nothing for the first few, then doubles from a second to its bound', () => {
    const waits = Array.from({ length: 14 }, (_, failures) =>
      waitBeforeNextTry(failures === 0 ? undefined : { failures, lastAt: 0 }, ACCOUNT, 0),
    );
    assert.deepEqual(
      waits.map((wait) => wait / 1_000),
      [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60],
    );
  });

  it('passes with the time, and never grows by it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(ACCOUNT, ADDRESS),
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: -1e12, max: 1e12 }),
        fc.nat(1e9),
        (slowDown, failures, lastAt, later) => {
          const at = (now: number) => waitBeforeNextTry({ failures, lastAt }, slowDown, now);
          assert.ok(at(lastAt + later) <= at(lastAt));
          assert.ok(at(lastAt - later) <= slowDown.longestWaitMs, 'bounded where the clock was set back');
          assert.equal(at(lastAt + slowDown.longestWaitMs), 0);
        },
      ),
    );
  });

  it('is forgotten after a while without a failure', () => {
    const known = { failures: 1_000, lastAt: 0 };
    assert.equal(failuresThatCount(known, ADDRESS, ADDRESS.forgottenAfterMs - 1), 1_000);
    assert.equal(failuresThatCount(known, ADDRESS, ADDRESS.forgottenAfterMs), 0);
  });
});

describe('what counts as one address', () => {
  for (const [address, network] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1:2', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ] as const) {
    it(`${address} is ${network}`, () => assert.equal(networkOf(address), network));
  }
});
