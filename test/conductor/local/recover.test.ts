import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type OpenAttempt,
  type RunnerTrace,
  recover,
  type Witnesses,
} from '../../../src/conductor/local/recover.ts';

const TOKEN = 'abcdefabcdef';
const NOW = 1000;

function attempt(step: number, more: Partial<OpenAttempt> = {}): OpenAttempt {
  return {
    step,
    number: 1,
    epoch: 1,
    host: 'here',
    job: null,
    submittedAt: 1,
    startedAt: null,
    gpus: '',
    growth: 0,
    ...more,
  };
}

function trace(records: RunnerTrace['records'], more: Partial<RunnerTrace> = {}): RunnerTrace {
  const identity = { pid: 9, startTicks: '1', bootId: 'boot' };
  return { file: 'f', epoch: 1, host: 'here', identity, life: 'dead', records, ...more };
}

const nobody: Witnesses = { host: 'here', bootId: 'boot', stepOf: () => undefined, hasOutput: () => false };
const started = { kind: 'started', token: `${TOKEN}.0.1`, pid: 5, at: 3 } as const;
const ended = {
  kind: 'ended',
  token: `${TOKEN}.0.1`,
  at: 4,
  exit: { code: 0 },
  userMs: 1,
  systemMs: 1,
  maxRssKib: 1,
  reason: 'none',
} as const;

describe('recover', () => {
  it('believes the records first', () => {
    const { observations } = recover([attempt(0)], [trace([started, ended])], TOKEN, NOW, nobody);
    assert.deepEqual(
      observations.map(({ kind }) => kind),
      ['started', 'ended'],
    );
  });

  it('follows what a live runner still has, started or not', () => {
    const traces = [trace([started], { life: 'alive' })];
    const { followed, observations } = recover([attempt(0), attempt(1)], traces, TOKEN, NOW, nobody);
    assert.deepEqual(
      followed.map(({ step }) => step),
      [0, 1],
    );
    assert.deepEqual(
      observations.map(({ kind }) => kind),
      ['started'],
    );
  });

  it('drops what left no trace at all', () => {
    const { observations } = recover([attempt(0)], [], TOKEN, NOW, nobody);
    assert.deepEqual(
      observations.map(({ kind }) => kind),
      ['dropped'],
    );
  });

  it('never drops what may have started: output files count as a trace', () => {
    const { observations } = recover([attempt(0)], [trace([])], TOKEN, NOW, {
      ...nobody,
      hasOutput: () => true,
    });
    assert.deepEqual(
      observations.map(({ kind }) => kind),
      ['lost'],
    );
  });

  it('calls an attempt lost whose runner and process are gone', () => {
    const { observations } = recover([attempt(0)], [trace([started])], TOKEN, NOW, nobody);
    assert.deepEqual(
      observations.map(({ kind }) => kind),
      ['started', 'lost'],
    );
  });

  it('watches an orphan: its runner is gone, its process is not', () => {
    const witnesses = { ...nobody, stepOf: () => 5 };
    const { orphans, observations } = recover([attempt(0)], [trace([started])], TOKEN, NOW, witnesses);
    assert.deepEqual(
      orphans.map(({ pid }) => pid),
      [5],
    );
    assert.deepEqual(
      observations.map(({ kind }) => kind),
      ['started'],
    );
  });

  it('blames the machine where it has restarted since', () => {
    const witnesses = { ...nobody, bootId: 'another boot' };
    const { observations } = recover([attempt(0)], [trace([started])], TOKEN, NOW, witnesses);
    assert.deepEqual(
      observations.map(({ kind }) => kind),
      ['started', 'hardware'],
    );
  });

  it('waits for the records of another host, which alone can tell', () => {
    const open = attempt(0, { host: 'elsewhere', startedAt: 2, job: '5' });
    const { followed } = recover(
      [open],
      [trace([], { host: 'elsewhere', life: 'unknown' })],
      TOKEN,
      NOW,
      nobody,
    );
    assert.deepEqual(
      followed.map(({ step }) => step),
      [0],
    );
  });

  it('does not take a live runner of the same conductor for the dead one that started the attempt', () => {
    const traces = [trace([started]), trace([], { life: 'alive' })];
    const { observations } = recover([attempt(0)], traces, TOKEN, NOW, nobody);
    assert.deepEqual(
      observations.map(({ kind }) => kind),
      ['started', 'lost'],
    );
  });

  it('ignores records of other studies and of older attempts', () => {
    const other = { ...ended, token: 'ffffffffffff.0.1' };
    const older = { ...ended, token: `${TOKEN}.0.1` };
    const { observations } = recover(
      [attempt(0, { number: 2 })],
      [trace([other, older])],
      TOKEN,
      NOW,
      nobody,
    );
    assert.deepEqual(
      observations.map(({ kind, number }) => [kind, number]),
      [
        ['ended', 1],
        ['dropped', 2],
      ],
    );
  });
});
