import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makePlace, type Place } from '../e2e/harness.ts';
import { makeTinyRepository } from '../shared/prepare/tiny-repository.ts';
import { superseded } from './superseded.ts';

const GOLDEN = fileURLToPath(new URL('../fixtures/golden/', import.meta.url));

interface Row {
  readonly step: string;
  readonly workspace: string;
  readonly state: string;
  readonly restarts: string;
  readonly params: readonly string[];
}

/** A script as it must come out. */
export interface GoldenScript {
  readonly mode: string;
  readonly text: string;
}

interface Golden {
  readonly args: readonly string[];
  readonly dry: { readonly rows: readonly Row[]; readonly scripts: Readonly<Record<string, GoldenScript>> };
  readonly real?: { readonly exit: number; readonly rows?: readonly Row[] };
}

/** Files of a study directory that are no scripts, whatever the study. */
const OF_EVERY_STUDY = [
  // The plain copy of the store, from which it is restored when it is damaged: made with the store, so here too.
  '.maestro/study.copy',
  '.maestro/study.db',
  'batch.info',
  'meta/environment.yaml',
  'meta/metadata.yaml',
  'meta/parameters.yaml',
  'spec.yaml',
  'status.csv',
];

const names = readdirSync(GOLDEN);

// Scripts carry the mode that users know only under the umask that users have.
before(() => process.umask(0o022));

/** A copy of a golden in a place of its own, its placeholders filled in. */
function lay(t: TestContext, name: string): { place: Place; golden: Golden; root: string; out: string } {
  const place = makePlace(t, 'place');
  const root = place.path(name);
  const out = place.path('out');
  cpSync(join(GOLDEN, name), root, { recursive: true });
  const repository = makeTinyRepository(place.directory).url;
  const fill = (text: string): string =>
    text.replaceAll('@GIT@', repository).replaceAll('@SPECROOT@', root).replaceAll('@OUT@', out);
  const specification = join(root, 'spec.yaml');
  writeFileSync(specification, fill(readFileSync(specification, 'utf8')));
  const golden = JSON.parse(fill(readFileSync(join(root, 'expected.json'), 'utf8'))) as Golden;
  return { place, golden, root, out };
}

/** The rows of status.csv as the goldens tell them. */
function rowsOf(place: Place): Row[] {
  const [header, ...rows] = place.study().statusCsv();
  const cell = (row: readonly string[], column: string): string => row[header!.indexOf(column)]!;
  return rows.map((row) => ({
    params: cell(row, 'Params')
      .split(';')
      .filter((param) => param !== ''),
    restarts: cell(row, 'Number Restarts'),
    state: cell(row, 'State'),
    step: cell(row, 'Step Name'),
    workspace: cell(row, 'Workspace'),
  }));
}

/** All files below a directory, but for those of a git repository. */
function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .filter((file) => !file.includes('/.git/'))
    .sort();
}

test('all goldens are here', () => {
  assert.equal(names.length, 28);
});

describe('--dry writes what it must, and nothing else', { concurrency: 2 }, () => {
  for (const name of names) {
    test(name, async (t) => {
      const { place, golden, root, out } = lay(t, name);
      const args = ['run', '--dry', '-y', '-o', out, ...golden.args, 'spec.yaml'];
      const { code, stderr } = await place.maestro(args, { cwd: root });
      assert.equal(code, 0, stderr);
      assert.deepEqual(rowsOf(place), golden.dry.rows);

      const expected = superseded(name, golden.dry.scripts);
      const others = [...OF_EVERY_STUDY, ...extraFiles(name)];
      assert.deepEqual(filesBelow(out), [...others, ...Object.keys(expected)].sort());
      for (const [file, script] of Object.entries(expected)) {
        assert.deepEqual({ file, ...scriptAt(join(out, file)) }, { file, ...script });
      }
    });
  }
});

function extraFiles(name: string): string[] {
  if (name === '18_gitdep') return ['TINY/f.txt'];
  return name === '27_pgen' ? ['pgen27.py'] : [];
}

function scriptAt(file: string): GoldenScript {
  const mode = `0${(statSync(file).mode & 0o7777).toString(8)}`;
  return { mode, text: readFileSync(file, 'utf8') };
}

describe('a run in the foreground ends as it must', { concurrency: 2 }, () => {
  for (const name of names) {
    const { real } = JSON.parse(readFileSync(join(GOLDEN, name, 'expected.json'), 'utf8')) as Golden;
    if (real === undefined) continue;
    test(name, async (t) => {
      const { place, golden, root, out } = lay(t, name);
      const args = ['run', '-y', '-fg', '-o', out, ...golden.args, 'spec.yaml'];
      const { code, stderr } = await place.maestro(args, { cwd: root });
      if (name === '15_values') {
        // The reference cannot run it; here every value has a workspace and comes through the shell.
        assert.equal(code, 0, stderr);
        assert.deepEqual(
          rowsOf(place),
          golden.dry.rows.map((row) => ({ ...row, state: 'FINISHED' })),
        );
        return;
      }
      assert.equal(code, real.exit, stderr);
      assert.deepEqual(rowsOf(place), golden.real?.rows);
    });
  }
});
