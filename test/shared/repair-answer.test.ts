import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAnswerTo, REPAIR_ANSWERS, refusalOf, retriedCount } from '../../src/shared/repair-answer.ts';

const ANSWERS = {
  retry: [
    REPAIR_ANSWERS.retried(1),
    REPAIR_ANSWERS.retried(2000),
    REPAIR_ANSWERS.notRetried('a is RUNNING: there is nothing to retry yet'),
  ],
  'cancel-steps': [REPAIR_ANSWERS.cancelled(0, 1)],
  pause: [REPAIR_ANSWERS.paused],
  unpause: [REPAIR_ANSWERS.unpaused],
} as const;

describe('answers to requests', () => {
  const kinds = Object.keys(ANSWERS) as (keyof typeof ANSWERS)[];

  it('are known as answers to their own kind of request and to no other', () => {
    for (const kind of kinds) {
      for (const other of kinds) {
        for (const answer of ANSWERS[other]) assert.equal(isAnswerTo(kind, answer), kind === other, answer);
      }
    }
  });

  it('are told from other lines of the event log', () => {
    for (const kind of kinds) assert.ok(!isAnswerTo(kind, 'cancelled by request'));
  });

  it('tell how many steps run again', () => {
    for (const count of [1, 2000]) assert.equal(retriedCount(REPAIR_ANSWERS.retried(count)), count);
    assert.equal(retriedCount(REPAIR_ANSWERS.notRetried('a')), undefined);
  });

  it('tell why a step was refused', () => {
    assert.equal(refusalOf(REPAIR_ANSWERS.notRetried('a needs b')), 'a needs b');
    assert.equal(refusalOf(REPAIR_ANSWERS.retried(1)), undefined);
  });
});
