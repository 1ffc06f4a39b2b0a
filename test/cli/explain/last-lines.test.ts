import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { lastLines } from '../../../src/cli/explain/last-lines.ts';

function fileOf(t: TestContext, content: string | Buffer): string {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-lines-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'file');
  writeFileSync(file, content);
  return file;
}

describe('the last lines of a file', () => {
  it('are those that were asked for, without empty ones at the end', (t) => {
    const file = fileOf(t, 'one\ntwo\r\nthree\n\n\n');
    assert.deepEqual(lastLines(file, 2), { lines: ['two', 'three'], isCut: true });
    assert.deepEqual(lastLines(file, 9), { lines: ['one', 'two', 'three'], isCut: false });
  });

  it('are whole, however long the file', (t) => {
    const file = fileOf(t, Array.from({ length: 50_000 }, (_, index) => `line ${index}`).join('\n'));
    assert.deepEqual(lastLines(file, 2), { lines: ['line 49998', 'line 49999'], isCut: true });
    assert.ok(lastLines(file, 1e6)!.lines.every((line) => /^line \d{5}$/.test(line)));
  });

  it('are cut where there are no newlines', (t) => {
    const { lines, isCut } = lastLines(fileOf(t, Buffer.alloc(1_000_000, 'x')), 5)!;
    assert.deepEqual([lines.length, lines[0]!.length, isCut], [1, 301, true]);
  });

  it('are none where there is nothing, or no file', (t) => {
    assert.equal(lastLines(fileOf(t, '\n\n'), 5), undefined);
    assert.equal(lastLines(fileOf(t, ''), 5), undefined);
    assert.equal(lastLines('/nowhere/at/all', 5), undefined);
    assert.equal(lastLines('/', 5), undefined);
  });
});
