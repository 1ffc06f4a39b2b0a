import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  JOB_STATES,
  type Meaning,
  meaningOf,
  stateWords,
  WAITING_REASONS,
} from '../../../../src/conductor/schedulers/slurm/job-states.ts';

const PAGE = readFileSync(new URL('../../../../docs/schedulers/slurm.md', import.meta.url), 'utf8');

/** The state of a step that a meaning comes to. */
function stepState(meaning: Meaning): string {
  return meaning.kind === 'ended' ? meaning.outcome : meaning.state;
}

/** First and second cells of a table's rows, by the heading above it. */
function tableUnder(heading: string): Map<string, string> {
  const section = PAGE.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = [...section.matchAll(/^\| (.+?) \| (.+?) \|/gm)].slice(1);
  return new Map(
    rows.flatMap(([, states, step]) =>
      states!.split(', ').map((state) => [state.replaceAll('`', ''), step!]),
    ),
  );
}

test('the table of states in the documentation is the one that the program goes by', () => {
  const documented = Object.fromEntries([...tableUnder('States')].sort());
  const actual = Object.entries(JOB_STATES).map(([state, meaning]) => [state, stepState(meaning)] as const);
  assert.deepEqual(documented, Object.fromEntries(actual.sort()));
});

test('the documentation names the reasons for which a pending job counts as waiting', () => {
  for (const reason of WAITING_REASONS) assert.ok(PAGE.includes(`\`${reason}\``), reason);
});

test('a pending job is queued, and waits where nodes would not help', () => {
  assert.equal(stepState(meaningOf('PENDING', 'Priority')), 'QUEUED');
  assert.equal(stepState(meaningOf('PENDING', 'JobArrayTaskLimit')), 'QUEUED');
  assert.equal(stepState(meaningOf('PENDING', 'JobHeldUser')), 'WAITING');
  assert.equal(stepState(meaningOf('PENDING', 'launch failed requeued held')), 'WAITING');
});

test('what stands behind a state is no part of it', () => {
  assert.equal(stepState(meaningOf('CANCELLED by 1000', '')), 'CANCELLED');
  assert.equal(stepState(meaningOf('CANCELLED+', '')), 'CANCELLED');
});

test('a state of a later Slurm concludes nothing', () => {
  assert.deepEqual(meaningOf('TELEPORTING', ''), { kind: 'waiting', state: 'WAITING' });
  assert.deepEqual(meaningOf('toString', ''), { kind: 'waiting', state: 'WAITING' });
});

test('words are the state with its reason, if it has one', () => {
  assert.equal(stateWords('PENDING', 'Priority'), 'PENDING (Priority)');
  for (const nothing of ['None', '', '(null)']) assert.equal(stateWords('RUNNING', nothing), 'RUNNING');
});
