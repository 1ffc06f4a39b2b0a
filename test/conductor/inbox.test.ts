import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createInbox } from '../../src/conductor/inbox.ts';
import type { Clock } from '../../src/shared/clock.ts';

/** A clock whose timers ring when the test says so. */
function handClock(): Clock & { ring: () => void; pending: () => number } {
  const timers = new Set<() => void>();
  return {
    now: () => 0,
    elapsed: () => 0,
    after: (_ms, callback) => {
      timers.add(callback);
      return () => timers.delete(callback);
    },
    ring: () => {
      const due = [...timers];
      timers.clear();
      for (const callback of due) callback();
    },
    pending: () => timers.size,
  };
}

describe('inbox', () => {
  it('does not sleep past a message that has come since the last drain', async () => {
    const inbox = createInbox<string>(handClock());
    inbox.push('a');
    await inbox.sleep(1000);
    assert.deepEqual(inbox.drain(), ['a']);
  });

  it('sleeps until a message, and leaves no timer behind', async () => {
    const clock = handClock();
    const inbox = createInbox<string>(clock);
    const slept = inbox.sleep(1000);
    inbox.push('a');
    await slept;
    assert.equal(clock.pending(), 0);
  });

  it('sleeps until its time is over', async () => {
    const clock = handClock();
    const inbox = createInbox<string>(clock);
    const slept = inbox.sleep(1000);
    clock.ring();
    await slept;
    assert.deepEqual(inbox.drain(), []);
  });

  it('waits for one kind of message and leaves all where they are', async () => {
    const clock = handClock();
    const inbox = createInbox<string>(clock);
    const isB = (message: string): boolean => message === 'b';
    const waiting = inbox.waitFor(isB, 1000);
    inbox.push('a');
    assert.equal(clock.pending(), 1);
    inbox.push('b');
    assert.equal(await waiting, true);
    assert.equal(clock.pending(), 0);
    assert.equal(await inbox.waitFor(isB, 1000), true);
    assert.deepEqual(inbox.drain(), ['a', 'b']);
    const inVain = inbox.waitFor(isB, 1000);
    clock.ring();
    assert.equal(await inVain, false);
  });
});
