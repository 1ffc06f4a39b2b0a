import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf, trackedFiles } from './tracked-files.ts';

const pages = trackedFiles().filter((file) => /^docs\/adr\/\d{4}-[a-z-]+\.md$/.test(file));

test('every dependency of the program has its reason in docs/adr', () => {
  const { dependencies } = JSON.parse(textOf('package.json')) as { dependencies: Record<string, string> };
  const reasons = pages.map(textOf).join('\n');
  const unexplained = Object.keys(dependencies).filter((name) => !reasons.includes(`**${name}**`));
  assert.deepEqual(unexplained, []);
});

test('every decision says its context, itself and its consequences, and is in the list', () => {
  const list = textOf('docs/adr/README.md');
  assert.ok(pages.length > 0);
  for (const page of pages) {
    const headings = [...textOf(page).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    assert.deepEqual(headings, ['Context', 'Decision', 'Consequences'], page);
    assert.ok(list.includes(page.replace('docs/adr/', '')), `${page} is not in docs/adr/README.md`);
  }
});
