import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseUpdate, requestCancel, requestUpdate, takeRequests } from '../../src/shared/control.ts';

describe('control requests', () => {
  it('are taken once, and their files are gone', (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'maestro-control-'));
    t.after(() => rmSync(directory, { recursive: true }));
    requestCancel(directory);
    requestUpdate(directory, { throttle: 0, sleep: 3 });
    assert.equal(readFileSync(join(directory, '.study.update.lock'), 'utf8'), 'rlimit: null\nsleep: 3\nthrottle: 0\n');
    assert.deepEqual(takeRequests(directory), [
      { kind: 'cancel' },
      { kind: 'update', update: { sleep: 3, throttle: 0 } },
    ]);
    assert.deepEqual(takeRequests(directory), []);
    assert.deepEqual(readdirSync(directory), []);
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

  it('never throw, whatever stands in the file', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        assert.ok(['update', 'garbage'].includes(parseUpdate(text).kind));
      }),
    );
  });
});
