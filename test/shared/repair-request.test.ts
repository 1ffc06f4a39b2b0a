import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import {
  hasRepairs,
  leaveRepair,
  parseRepair,
  type RepairRequest,
  readRepairs,
  requestDirectory,
} from '../../src/shared/repair-request.ts';

function directoryOf(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-requests-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** Reads requests as a conductor that answers them at once. */
function takeRepairs(directory: string): { file: string; request: RepairRequest | undefined }[] {
  return readRepairs(directory).map(({ name, file, request }) => {
    rmSync(file);
    return { file: name, request };
  });
}

describe('requests to repair a study', () => {
  it('are taken once', (t) => {
    const directory = directoryOf(t);
    assert.equal(hasRepairs(directory), false);
    assert.deepEqual(takeRepairs(directory), []);
    const request: RepairRequest = { kind: 'retry', steps: [3, 1], descendants: true, clean: false };
    const file = leaveRepair(directory, request);
    assert.equal(hasRepairs(directory), true);
    assert.deepEqual(takeRepairs(directory), [
      { file: file.slice(requestDirectory(directory).length + 1), request },
    ]);
    assert.deepEqual([hasRepairs(directory), takeRepairs(directory)], [false, []]);
  });

  it('are told from what is none, which is removed too', (t) => {
    const directory = directoryOf(t);
    mkdirSync(requestDirectory(directory), { recursive: true });
    writeFileSync(join(requestDirectory(directory), '1.json'), '{"kind":"retry","steps":["a"]}');
    writeFileSync(join(requestDirectory(directory), 'half-written.tmp'), '');
    assert.deepEqual(takeRepairs(directory), [{ file: '1.json', request: undefined }]);
    assert.equal(hasRepairs(directory), false);
  });

  it('survive being written', () => {
    const steps = fc.array(fc.nat());
    const requests = fc.oneof(
      fc.record({
        kind: fc.constant('retry' as const),
        steps,
        descendants: fc.boolean(),
        clean: fc.boolean(),
      }),
      fc.record({ kind: fc.constant('cancel-steps' as const), steps }),
      fc.record({ kind: fc.constantFrom('pause' as const, 'unpause' as const) }),
    );
    fc.assert(
      fc.property(requests, (request) => {
        assert.deepEqual(parseRepair(JSON.stringify(request)), { ...request });
      }),
    );
  });

  it('never throw, whatever stands in the file', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parseRepair(text)));
    for (const text of [
      'null',
      '[]',
      '{"kind":"retry"}',
      '{"kind":"retry","steps":[-1]}',
      '{"kind":"x","steps":[]}',
    ])
      assert.equal(parseRepair(text), undefined, text);
  });
});
