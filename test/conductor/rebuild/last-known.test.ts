import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mergeRemains } from '../../../src/conductor/rebuild/last-known.ts';
import { emptyTables, putRow, type Row, type Tables } from '../../../src/shared/state/copy/tables.ts';

const EVENT = { id: 1, step: 0, from_state: 'INITIALIZED', to_state: 'PENDING', why: 'submitted' };

/** One step with one attempt, and what else a store may hold. */
function tablesOf(more: readonly (readonly ['step' | 'attempt' | 'event', Row])[] = []): Tables {
  const tables = emptyTables();
  putRow(tables, 'step', { id: 0, state: 'PENDING', attempts: 1 });
  putRow(tables, 'attempt', { step: 0, number: 1 });
  putRow(tables, 'event', EVENT);
  for (const [table, row] of more) putRow(tables, table, row);
  return tables;
}

const STRANGE_STEP = ['step', { id: 64, state: 'INITIALIZED', attempts: 0 }] as const;
const STRANGE_ATTEMPT = ['attempt', { step: 0, number: 65 }] as const;
const whole = { tables: tablesOf(), until: 1, problems: [] };

describe('what is read of a damaged store', () => {
  it('adds no step to a whole copy, which has them all', () => {
    const { tables } = mergeRemains({ copy: whole, salvaged: tablesOf([STRANGE_STEP]) });
    assert.deepEqual([...tables.step.keys()], ['0']);
  });

  it('adds no attempt to a copy that ends with the same event', () => {
    const { tables } = mergeRemains({ copy: whole, salvaged: tablesOf([STRANGE_ATTEMPT]) });
    assert.deepEqual([...tables.attempt.keys()], ['0.1']);
  });

  it('adds what newer events bring, a state among it', () => {
    const salvaged = tablesOf([
      ['step', { id: 0, state: 'RUNNING', attempts: 1 }],
      ['event', { ...EVENT, id: 2, from_state: 'PENDING', to_state: 'RUNNING' }],
      STRANGE_ATTEMPT,
    ]);
    const copy = { ...whole, problems: [] };
    const { tables, fromStore } = mergeRemains({ copy, salvaged });
    assert.equal(fromStore, 1);
    assert.equal(tables.step.get('0')!.state, 'RUNNING');
  });

  it('adds the steps and attempts that a damaged copy has lost', () => {
    const copy = { tables: emptyTables(), until: 1, problems: ['what it says from line 2 to 9 is damaged'] };
    const { tables } = mergeRemains({ copy, salvaged: tablesOf() });
    assert.deepEqual([...tables.step.keys()], ['0']);
    assert.deepEqual([...tables.attempt.keys()], ['0.1']);
  });
});
