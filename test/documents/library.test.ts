import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { textOf } from '../tidiness/tracked-files.ts';
import { type CodeBlock, codeBlocks } from './code-blocks.ts';
import { makeUserProject, type UserProject } from './user-project.ts';

// The examples of docs/library.md, as a user would run them, one after the other in one directory.

const blocks = codeBlocks(textOf('docs/library.md'));
const programs = blocks.filter(({ language }) => language === 'ts' || language === 'js');

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

for (const program of programs) {
  test(`${program.heading}: the program at line ${program.line}`, async () => {
    const { code, stdout, stderr } = await project.run(program);
    assert.equal(code, 0, stderr);
    const expected = saidToPrint(program);
    if (expected !== undefined) assert.equal(stdout, expected);
  });
}

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
