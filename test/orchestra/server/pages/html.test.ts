import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { counted, forLong, inBytes } from '../../../../src/orchestra/server/pages/format.ts';
import { html } from '../../../../src/orchestra/server/pages/html.ts';

describe('a template of HTML', () => {
  it('escapes what is put into it, and takes what it has made itself as it is', () => {
    const list = ['<b>', html`<i>${'"&\''}</i>`].map((item) => html`<li>${item}</li>`);
    assert.equal(
      html`<ul title="${'"'}">${list}${undefined}${null}${false}${0}</ul>`.text,
      '<ul title="&quot;"><li>&lt;b&gt;</li><li><i>&quot;&amp;&#39;</i></li>0</ul>',
    );
  });

  it('lets no text end an attribute, begin a tag or make an entity', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', 'a', ';', '#', '=') }),
        (text) => {
          const { text: made } = html`${text}`;
          assert.doesNotMatch(made, /[<>"']/);
          const back = made.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) =>
            String({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }[name]),
          );
          assert.equal(back, text);
        },
      ),
    );
  });
});

describe('numbers on pages', () => {
  it('have units that people read', () => {
    assert.deepEqual([0, 1, 1023, 1024, 1536, 5e6, 2 ** 31, 3e18].map(inBytes), [
      '0 B',
      '1 B',
      '1023 B',
      '1.0 KiB',
      '1.5 KiB',
      '4.8 MiB',
      '2.0 GiB',
      '2665 PiB',
    ]);
    assert.deepEqual([-5, 0, 999, 61_000, 3_600_000, 90_061_000].map(forLong), [
      '0 s',
      '0 s',
      '1 s',
      '1 min 1 s',
      '1 h',
      '1 d 1 h',
    ]);
    assert.deepEqual([0, 999, 1_000, 1_234_567].map(counted), ['0', '999', '1 000', '1 234 567']);
  });
});
