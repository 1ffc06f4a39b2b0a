import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type CheckedStudy, checkStudy } from '../../../src/shared/prepare/prepare.ts';
import { type Diagnostic, formatDiagnostic } from '../../../src/shared/spec/diagnostic.ts';
import { mergeDiagnostics } from '../../../src/shared/spec/merge-diagnostics.ts';

/** A directory that is gone when the test ends. */
export function scratch(test: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-doctor-'));
  test.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A study as `maestro run` has checked it. Its specification is `study.yaml`, the given lines from the first on. */
export async function checked(test: TestContext, yaml: string): Promise<CheckedStudy> {
  const cwd = scratch(test);
  const description = 'description: {name: trial, description: a study of a test}\n';
  writeFileSync(join(cwd, 'study.yaml'), `${yaml.trim()}\n${description}`);
  const { checked, diagnostics } = await checkStudy({
    specificationFile: 'study.yaml',
    generatorArgs: [],
    hashWorkspaces: false,
    useTmp: false,
    limits: { attempts: 1, rlimit: 1, throttle: 0, sleeptime: 60 },
    dry: false,
    cwd,
    now: new Date(0),
  });
  if (checked === undefined) throw new Error(told(diagnostics).join('\n'));
  return checked;
}

/** Diagnostics as they are told, in the order of the file, without its name. */
export function told(diagnostics: readonly Diagnostic[]): string[] {
  return mergeDiagnostics([diagnostics]).map((each) => formatDiagnostic(each).replace(/^.*study\.yaml:/, ''));
}
