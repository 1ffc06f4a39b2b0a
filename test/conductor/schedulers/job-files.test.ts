import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type JobFiles, openJobFiles } from '../../../src/conductor/schedulers/job-files.ts';
import { systemFiles } from '../../../src/shared/files.ts';

const NOW = 1_800_000_000_000;

function jobFiles(t: TestContext): { files: JobFiles; claim: string } {
  const study = mkdtempSync(join(tmpdir(), 'maestro-job-files-'));
  t.after(() => rmSync(study, { recursive: true }));
  const files = openJobFiles(study, systemFiles, () => NOW);
  return { files, claim: join(files.directory, 'a.1.1.claim') };
}

describe('the claim of an attempt', () => {
  it('belongs to the job that made it', (t) => {
    const { files, claim } = jobFiles(t);
    writeFileSync(claim, '7\n');
    assert.equal(files.claimant('a.1.1'), '7');
    assert.equal(files.revoke('a.1.1'), '7');
  });

  it('can be made by a conductor, and then no job has it', (t) => {
    const { files, claim } = jobFiles(t);
    assert.equal(files.revoke('a.1.1'), undefined);
    assert.equal(readFileSync(claim, 'utf8'), 'revoked\n');
    assert.ok(files.isRevoked('a.1.1'));
    assert.equal(files.claimant('a.1.1'), undefined);
  });

  it('is being written while it is empty and new: nobody can say yet whose it is', (t) => {
    const { files, claim } = jobFiles(t);
    writeFileSync(claim, '');
    utimesSync(claim, NOW / 1000 - 1, NOW / 1000 - 1);
    assert.equal(files.claimant('a.1.1'), undefined);
    assert.throws(() => files.revoke('a.1.1'), { code: 'EAGAIN' });
  });

  it('that has stayed empty was made on a full disk, and is nobody’s', (t) => {
    const { files, claim } = jobFiles(t);
    writeFileSync(claim, '');
    utimesSync(claim, NOW / 1000 - 100, NOW / 1000 - 100);
    assert.equal(files.revoke('a.1.1'), undefined);
    assert.equal(files.claimant('a.1.1'), undefined);
  });
});
