import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type ControlRequest,
  discardRequests,
  parseUpdate,
  readRequests,
  removeRequest,
  requestCancel,
  requestUpdate,
} from '../../src/shared/control.ts';
import { leaveRepair } from '../../src/shared/repair-request.ts';

/** Reads requests as a conductor that answers them at once. */
function takeRequests(directory: string): ControlRequest[] {
  const waiting = readRequests(directory);
  for (const request of waiting) removeRequest(request);
  return waiting.map(({ request }) => request);
}

describe('control requests', () => {
  it('are taken once, and their files are gone', (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'maestro-control-'));
    t.after(() => rmSync(directory, { recursive: true }));
    requestCancel(directory);
    requestUpdate(directory, { throttle: 0, sleep: 3 });
    assert.equal(
      readFileSync(join(directory, '.study.update.lock'), 'utf8'),
      'rlimit: null\nsleep: 3\nthrottle: 0\n',
    );
    assert.deepEqual(takeRequests(directory), [
      { kind: 'cancel' },
      { kind: 'update', update: { sleep: 3, throttle: 0 } },
    ]);
    assert.deepEqual(takeRequests(directory), []);
    assert.deepEqual(readdirSync(directory), []);
  });

  it('come in the order in which they were left', (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'maestro-control-'));
    t.after(() => rmSync(directory, { recursive: true }));
    const pause = leaveRepair(directory, { kind: 'pause' });
    requestUpdate(directory, { throttle: 1 });
    requestCancel(directory);
    const leave = (file: string, second: number): void => utimesSync(file, second, second);
    leave(pause, 20);
    leave(join(directory, '.study.update.lock'), 30);
    leave(join(directory, '.cancel.lock'), 10);
    const kinds = readRequests(directory).map(({ request }) => request.kind);
    assert.deepEqual(kinds, ['cancel', 'pause', 'update']);
  });

  it('change the tries at a step by a key that stands there only then', (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'maestro-control-'));
    t.after(() => rmSync(directory, { recursive: true }));
    requestUpdate(directory, { attempts: 3 });
    const text = readFileSync(join(directory, '.study.update.lock'), 'utf8');
    assert.equal(text, 'rlimit: null\nsleep: null\nthrottle: null\nattempts: 3\n');
    assert.deepEqual(takeRequests(directory), [{ kind: 'update', update: { attempts: 3 } }]);
    const { kind, problem } = parseUpdate('attempts: 0') as { kind: string; problem: string };
    assert.deepEqual([kind, problem], ['garbage', 'attempts is 0, not a whole number from 1']);
  });

  it('change the cores and gpus of this machine in the same way', () => {
    const update = { cores: 2, gpus: 0 };
    assert.deepEqual(parseUpdate('cores: 2\ngpus: 0\n'), { kind: 'update', update });
    assert.deepEqual(parseUpdate('cores: 0'), { kind: 'update', update: { cores: 0 } });
    const { problem } = parseUpdate('cores: -1') as { problem: string };
    assert.equal(problem, 'cores is -1, not a whole number from 0');
  });

  it('tell what is wrong with garbage, and remove it', (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'maestro-control-'));
    t.after(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, '.study.update.lock'), 'throttle: -1\n');
    const [request] = takeRequests(directory);
    assert.deepEqual(request, {
      kind: 'garbage',
      file: '.study.update.lock',
      problem: 'throttle is -1, not a whole number from 0',
    });
    assert.deepEqual(readdirSync(directory), []);
  });

  it('leave an update that somebody is about to write, but not for ever', (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'maestro-control-'));
    t.after(() => rmSync(directory, { recursive: true }));
    const file = join(directory, '.study.update.lock');
    writeFileSync(file, '');
    assert.deepEqual(takeRequests(directory), []);
    writeFileSync(file, 'throttle: 2\n');
    assert.deepEqual(takeRequests(directory), [{ kind: 'update', update: { throttle: 2 } }]);
    writeFileSync(file, '');
    const aMinuteAgo = Date.now() / 1000 - 60;
    utimesSync(file, aMinuteAgo, aMinuteAgo);
    assert.equal(takeRequests(directory)[0]?.kind, 'garbage');
    assert.deepEqual(readdirSync(directory), []);
  });

  it('may be directories', (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'maestro-control-'));
    t.after(() => rmSync(directory, { recursive: true }));
    for (const name of ['.study.update.lock', '.cancel.lock']) mkdirSync(join(directory, name));
    assert.deepEqual(
      takeRequests(directory).map(({ kind }) => kind),
      ['garbage', 'cancel'],
    );
    assert.deepEqual(readdirSync(directory), []);
  });

  it('are discarded by name', (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'maestro-control-'));
    t.after(() => rmSync(directory, { recursive: true }));
    requestCancel(directory);
    assert.deepEqual(discardRequests(directory), ['.cancel.lock']);
    assert.deepEqual(discardRequests(directory), []);
  });

  it('never throw, whatever stands in the file', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        assert.ok(['update', 'garbage'].includes(parseUpdate(text).kind));
      }),
    );
  });
});
