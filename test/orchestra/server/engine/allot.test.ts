import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { allot, type Contender } from '../../../../src/orchestra/server/engine/allot.ts';

function contender(task: number, changes: Partial<Contender>): Contender {
  return {
    task,
    user: task,
    maxPriority: 100,
    load: 0,
    running: 0,
    ready: 0,
    allowed: 0,
    isOwed: false,
    ...changes,
  };
}

const shares = (slots: number, ...contenders: Contender[]): object =>
  Object.fromEntries(allot(slots, contenders));

describe('the sharing out of slots', () => {
  it('gives a task that is alone what it can use', () => {
    assert.deepEqual(shares(4, contender(1, { ready: 2 })), { 1: 2 });
    assert.deepEqual(shares(4, contender(1, { ready: 90 })), { 1: 4 });
  });

  it('gives free slots by the rule: who has fewer jobs first, then turn by turn', () => {
    const light = contender(1, { ready: 4, load: 4 });
    const heavy = contender(2, { ready: 40, load: 40 });
    assert.deepEqual(shares(4, heavy, light), { 1: 4, 2: 0 });
    const [one, other] = [contender(1, { ready: 9, load: 9 }), contender(2, { ready: 9, load: 9 })];
    assert.deepEqual(shares(4, one, other), { 1: 2, 2: 2 });
    assert.deepEqual(shares(3, one, other), { 1: 2, 2: 1 });
  });

  it('lets a user with a greater priority go first', () => {
    const urgent = contender(2, { ready: 9, load: 9, maxPriority: 200 });
    assert.deepEqual(shares(4, contender(1, { ready: 3, load: 3 }), urgent), { 1: 0, 2: 4 });
  });

  it('lets a task go on in its slots as far as nobody stands before it, and interrupts nothing', () => {
    const busy = contender(1, { running: 4, allowed: 4, ready: 90, load: 94 });
    const come = contender(2, { ready: 1, load: 1 });
    assert.deepEqual(shares(4, busy, come), { 1: 3, 2: 0 });
    // One of its jobs has ended, and it knows that it may not begin another: the slot is free.
    assert.deepEqual(shares(4, { ...busy, running: 3, allowed: 3 }, come), { 1: 3, 2: 1 });
  });

  it('counts a slot as taken as long as its conductor may still fill it', () => {
    const busy = contender(1, { running: 3, allowed: 4, ready: 90, load: 93 });
    assert.deepEqual(shares(4, busy, contender(2, { ready: 1, load: 1 })), { 1: 3, 2: 0 });
  });

  it('takes back nothing that was given and has not come to a job yet', () => {
    const given = contender(1, { allowed: 2, isOwed: true, ready: 90, load: 90 });
    assert.deepEqual(shares(2, given, contender(2, { ready: 1, load: 1 })), { 1: 2, 2: 0 });
  });

  it('takes the tasks of one user in their order', () => {
    const [first, second] = [
      contender(1, { user: 7, ready: 2, load: 5 }),
      contender(2, { user: 7, ready: 3, load: 5 }),
    ];
    assert.deepEqual(shares(3, second, first), { 1: 2, 2: 1 });
  });

  it('takes slots back as jobs end where a queue has been made smaller', () => {
    assert.deepEqual(shares(2, contender(1, { running: 4, allowed: 4, ready: 5, load: 9 })), { 1: 2 });
  });

  it('never gives more than there is, and leaves nothing idle that somebody could use', () => {
    const some = fc.record({
      user: fc.integer({ min: 1, max: 3 }),
      maxPriority: fc.constantFrom(50, 100),
      running: fc.integer({ min: 0, max: 3 }),
      ready: fc.integer({ min: 0, max: 6 }),
      allowed: fc.integer({ min: 0, max: 3 }),
      isOwed: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 6 }), fc.integer({ min: 1, max: 12 }), (records, slots) => {
        const contenders = records.map((record, task) => {
          const load = records
            .filter(({ user }) => user === record.user)
            .reduce((sum, { running, ready }) => sum + running + ready, 0);
          return contender(task, { ...record, load });
        });
        const caps = allot(slots, contenders);
        const held = contenders.map(({ running, allowed }) => Math.max(running, allowed));
        const free = slots - held.reduce((sum, count) => sum + count, 0);
        const granted = contenders.map(({ task, running, allowed }) =>
          Math.max(0, caps.get(task)! - Math.max(running, allowed)),
        );
        const given = granted.reduce((sum, count) => sum + count, 0);
        const waiting = contenders.reduce(
          (sum, { running, ready, allowed }) =>
            sum + Math.max(0, running + ready - Math.max(running, allowed)),
          0,
        );
        assert.ok(given <= Math.max(0, free));
        assert.ok([...caps.values()].reduce((sum, cap) => sum + cap, 0) <= Math.max(slots, 0));
        // Somebody gets each free slot; but whoever is to stand back for others gets none himself.
        if (free > 0 && waiting > 0) assert.ok(given > 0);
      }),
    );
  });
});
