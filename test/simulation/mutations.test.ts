import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { MUTATIONS } from './mutations/mutations.ts';

const PROJECT = new URL('../../', import.meta.url);

describe('the bugs to be planted', () => {
  it('are those that docs/testing.md lists', () => {
    const page = readFileSync(new URL('docs/testing.md', PROJECT), 'utf8');
    const list = page
      .split('<!-- the names in test/simulation/mutations/mutations.ts')[1]!
      .split('<!-- end -->')[0]!;
    const listed = [...list.matchAll(/^- (.+)$/gm)].map(([, name]) => name);
    assert.deepEqual(
      listed,
      MUTATIONS.map(({ name }) => name),
    );
  });

  for (const { name, file, text } of MUTATIONS) {
    it(`have their place: ${name}`, () => {
      const source = readFileSync(new URL(file, PROJECT), 'utf8');
      assert.equal(source.split(text).length, 2, `${file} does not have this text once:\n${text}`);
    });
  }
});
