import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeMountPoints } from '../../src/orchestra/server/containers/mount-points.ts';
import { servedCluster } from '../orchestra/served-cluster.ts';
import { PROJECT, textOf } from '../tidiness/tracked-files.ts';
import { type CodeBlock, codeBlocks } from './code-blocks.ts';
import { missingForCluster } from './laptop.ts';
import { makeUserProject, type UserProject } from './user-project.ts';

// The examples of docs/library.md, as a user would run them, one after the other in one directory.

const blocks = codeBlocks(textOf('docs/library.md'));
const programs = blocks.filter(({ language }) => language === 'ts' || language === 'js');
const ofCluster = (program: CodeBlock): boolean => program.heading === 'A cluster';

let project: UserProject;

before(() => {
  project = makeUserProject();
  for (const { language, text } of blocks) {
    const name = /^# (\S+\.yaml)\n/.exec(text)?.[1];
    if (language === 'yaml' && name !== undefined) project.write(name, text);
  }
});

after(() => project.remove());

/** What a program is said to print: the block of text behind it, if that is what follows. */
function saidToPrint(program: CodeBlock): string | undefined {
  const next = blocks[blocks.indexOf(program) + 1];
  return next?.language === 'text' ? next.text : undefined;
}

test('there are examples', () => assert.ok(programs.length > 5, `${programs.length} programs`));

async function runs(program: CodeBlock, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const { code, stdout, stderr } = await project.run(program, env);
  assert.equal(code, 0, stderr);
  const expected = saidToPrint(program);
  if (expected !== undefined) assert.equal(stdout, expected);
}

for (const program of programs.filter((one) => !ofCluster(one))) {
  test(`${program.heading}: the program at line ${program.line}`, () => runs(program));
}

test('A cluster: its programs, one after the other', { skip: missingForCluster() }, async (t) => {
  const cluster = await servedCluster(t);
  await cluster.addUser('ada');
  const image = join(cluster.cluster.directory.images, 'lifetime');
  execFileSync(join(PROJECT, 'samples/cluster/make-image.sh'), [image]);
  makeMountPoints(image);
  symlinkSync(join(PROJECT, 'samples'), join(project.directory, 'samples'));
  const env = { HOME: project.directory, MAESTRO_SERVER: cluster.url, PASSWORD: 'password of ada' };
  for (const program of programs.filter(ofCluster)) await runs(program, env);
});

test('the examples are sound by the types of the package, which need nothing that is not installed with it', () => {
  const { problems, packages } = project.typeCheck(programs.filter(({ language }) => language === 'ts'));
  assert.deepEqual(problems, []);
  const { dependencies } = JSON.parse(textOf('package.json')) as { readonly dependencies: object };
  // What the types of node lean on themselves.
  const ofNode = ['typescript', '@types/node', 'undici-types', 'buffer'];
  const own = packages.filter((name) => !ofNode.includes(name));
  assert.deepEqual(
    own.filter((name) => !(name in dependencies)),
    [],
  );
});
