import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PROJECT, textOf, trackedFiles } from './tracked-files.ts';

/** The package as it would be published, unpacked beside the dependencies that are installed here. */
let root: string;

function run(program: string, ...args: string[]): string {
  return execFileSync(process.execPath, [join(root, 'package', program), ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, XDG_STATE_HOME: join(root, 'state'), NO_COLOR: '1' },
  });
}

before(() => {
  root = mkdtempSync(join(tmpdir(), 'maestro-package-'));
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', root];
  const packed = JSON.parse(execFileSync('npm', args, { cwd: PROJECT, encoding: 'utf8' }));
  execFileSync('tar', ['-xzf', join(root, packed[0].filename), '-C', root]);
  symlinkSync(join(PROJECT, 'node_modules'), join(root, 'package', 'node_modules'));
});

after(() => rmSync(root, { recursive: true, force: true }));

test('the package has all that the program needs outside its code', () => {
  const needed = trackedFiles().filter((file) =>
    /^(?:bin|native|pgen|samples|schema)\/|^binding\.gyp$/.test(file),
  );
  assert.ok(needed.length > 10, `${needed.length} files`);
  for (const file of needed) {
    assert.deepEqual(readFileSync(join(root, 'package', file)), readFileSync(join(PROJECT, file)), file);
  }
});

test('the packed program tells its version', () => {
  const { name, version } = JSON.parse(textOf('package.json')) as Record<string, string>;
  assert.match(run('bin/maestro.js', '--version'), new RegExp(`^${name} ${version}, node v`));
});

test('the packed program knows its commands by the manifest, which is there', () => {
  const manifest = JSON.parse(readFileSync(join(root, 'package', 'oclif.manifest.json'), 'utf8'));
  const sources = trackedFiles().filter((file) => file.startsWith('src/cli/commands/'));
  const commands = sources.map((file) =>
    file.slice('src/cli/commands/'.length, -'.ts'.length).replaceAll('/', ':'),
  );
  assert.deepEqual(Object.keys(manifest.commands).sort(), commands.sort());
});

test('the packed program checks and writes a sample study', () => {
  const sample = join(root, 'package', 'samples', 'hello_world', 'hello_world.yaml');
  run('bin/maestro.js', 'validate', sample);
  run('bin/maestro.js', 'run', '--dry', '-y', '-o', join(root, 'study'), sample);
  const rows = readFileSync(join(root, 'study', 'status.csv'), 'utf8')
    .split('\n')
    .slice(1);
  assert.ok(rows.length > 0 && rows.every((row) => row.includes(',DRYRUN,')), rows.join('\n'));
});
