import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JOB_STATES, TASK_STATES, type TaskState } from '../../../../src/orchestra/api/tasks.ts';
import {
  hasEnded,
  isJobOver,
  isKillable,
  JOB_TRANSITIONS,
  TASK_TRANSITIONS,
} from '../../../../src/orchestra/server/tasks/task-states.ts';

/** States that can be reached from one by the table. */
function reachable<State extends string>(
  from: State,
  table: Readonly<Record<State, readonly State[]>>,
): ReadonlySet<State> {
  const seen = new Set<State>([from]);
  for (const state of seen) for (const next of table[state]) seen.add(next);
  return seen;
}

describe('the transitions of tasks and jobs', () => {
  it('reach every state from the first one', () => {
    assert.deepEqual([...reachable('registered', TASK_TRANSITIONS)].sort(), [...TASK_STATES].sort());
    assert.deepEqual([...reachable('registered', JOB_TRANSITIONS)].sort(), [...JOB_STATES].sort());
  });

  it('lead every task to an end, and every ended one to its removal', () => {
    for (const state of TASK_STATES) {
      assert.ok([...reachable(state, TASK_TRANSITIONS)].some(hasEnded), state);
      assert.ok(reachable(state, TASK_TRANSITIONS).has('to_be_removed_soon'), state);
    }
  });

  it('let a task be killed until it has ended', () => {
    const killable = TASK_STATES.filter(isKillable);
    assert.deepEqual(killable, ['registered', 'testing', 'running']);
    const ended: readonly TaskState[] = TASK_STATES.filter(hasEnded);
    assert.deepEqual(ended, ['broken', 'done', 'finalized', 'killed', 'to_be_removed', 'to_be_removed_soon']);
  });

  it('begin an ended job again from the start, and run again only what has failed', () => {
    for (const state of JOB_STATES.filter(isJobOver)) {
      const again = JOB_TRANSITIONS[state].filter((next) => !isJobOver(next));
      assert.deepEqual(again, state === 'failed' ? ['registered', 'assigned'] : ['registered'], state);
    }
  });
});
