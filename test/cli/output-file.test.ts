import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { outputFile } from '../../src/cli/output-file.ts';

/** A directory with these files. */
function filesIn(t: TestContext, ...files: string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-outputs-'));
  t.after(() => rmSync(directory, { recursive: true }));
  for (const file of files) {
    mkdirSync(join(directory, file, '..'), { recursive: true });
    writeFileSync(join(directory, file), '');
  }
  return directory;
}

it('an attempt’s output is found in the workspace, or in the one that was moved aside with it', (t) => {
  const directory = filesIn(
    t,
    'A.1.attempt-1/a.11.err',
    'A.1.attempt-3/a.12.err',
    'A.1.attempt-3/a.13.err',
    'A.1.attempt-3_2/a.13.err',
    'A.1/a.14.err',
    'A.10.attempt-9/a.15.err',
  );
  const find = (number: number, job: string | null) =>
    outputFile({ workspace: join(directory, 'A.1'), number, isNewest: number === 4, job }, 'err');
  assert.equal(find(1, '11'), join(directory, 'A.1.attempt-1/a.11.err'));
  assert.equal(find(2, '12'), join(directory, 'A.1.attempt-3/a.12.err'));
  assert.equal(find(3, '13'), join(directory, 'A.1.attempt-3/a.13.err'));
  assert.equal(find(4, '14'), join(directory, 'A.1/a.14.err'));
  assert.equal(find(4, '15'), undefined);
  assert.equal(find(4, null), undefined);
});

it('an earlier attempt is not mistaken for a newer one with its process id', (t) => {
  const directory = filesIn(t, 'A.attempt-1/a.7.out', 'A/a.7.out');
  const find = (number: number) =>
    outputFile({ workspace: join(directory, 'A'), number, isNewest: number === 2, job: '7' }, 'out');
  assert.equal(find(1), join(directory, 'A.attempt-1/a.7.out'));
  assert.equal(find(2), join(directory, 'A/a.7.out'));
});

it('where the whole step is gone there is no output', (t) => {
  const directory = filesIn(t);
  const place = { workspace: join(directory, 'gone', 'A'), number: 1, isNewest: false, job: '7' };
  assert.equal(outputFile(place, 'out'), undefined);
});
