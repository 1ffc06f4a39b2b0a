import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { createReadyQueue } from '../../src/conductor/ready-queue.ts';

it('behaves as a plain list would, whatever is pushed, offered, taken and left', () => {
  const commands = fc.array(
    fc.oneof(
      fc.record({ push: fc.nat(1000) }),
      fc.record({
        bound: fc.nat(12),
        answers: fc.array(fc.constantFrom('taken', 'left', 'stop'), { maxLength: 12 }),
      }),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(commands, (drawn) => {
      const queue = createReadyQueue();
      let list: number[] = [];
      for (const command of drawn) {
        if ('push' in command) {
          queue.push(command.push);
          list.push(command.push);
          continue;
        }
        const offered: number[] = [];
        const kept: number[] = [];
        let at = 0;
        for (; at < Math.min(command.bound, list.length); at++) {
          const answer = command.answers[at] ?? 'taken';
          if (answer === 'stop') break;
          if (answer === 'left') kept.push(list[at]!);
        }
        list = [...kept, ...list.slice(at)];
        queue.offer(command.bound, (step) => {
          const answer = command.answers[offered.length] ?? 'taken';
          offered.push(step);
          return answer;
        });
        assert.equal(queue.size, list.length);
      }
      const rest: number[] = [];
      queue.offer(Number.MAX_SAFE_INTEGER, (step) => {
        rest.push(step);
        return 'taken';
      });
      assert.deepEqual(rest, list);
    }),
  );
});
