import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quickStart } from '../../scripts/quick-start.js';
import { textOf } from './tracked-files.ts';

const block = (text: string) => `\`\`\`sh\n${text}\n\`\`\`\n`;

test('the Quick start of the README has its two commands', () => {
  assert.equal(quickStart(textOf('README.md')).length, 2);
});

test('only the blocks of the section count, as they are written', () => {
  const readme = `# X\n${block('before')}\n## Quick start\n\nOne:\n\n${block('a && b --c "d"')}\nTwo:\n\n${block('e')}\n## After\n${block('f')}`;
  assert.deepEqual(quickStart(readme), ['a && b --c "d"', 'e']);
});

test('a section at the end of the file is read to the end', () => {
  assert.deepEqual(quickStart(`## Quick start\n${block('a')}${block('b')}`), ['a', 'b']);
});

for (const [what, readme, message] of [
  ['no section', `# X\n${block('a')}${block('b')}`, /no section/],
  ['one block', `## Quick start\n${block('a')}`, /1 sh blocks/],
  ['three blocks', `## Quick start\n${block('a')}${block('b')}${block('c')}`, /3 sh blocks/],
  ['a block of two lines', `## Quick start\n${block('a\nb')}${block('c')}`, /not one line/],
  ['an empty block', `## Quick start\n${block('')}${block('c')}`, /not one line/],
] as const) {
  test(`${what} is refused`, () => {
    assert.throws(() => quickStart(readme), message);
  });
}
