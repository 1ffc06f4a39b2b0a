import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  PACK_BYTES,
  PACK_END,
  PACK_FILES,
  PACKED_FILE_BYTES,
  packFile,
  unpack,
} from '../../src/orchestra/file-pack.ts';
import { sha256 } from './datasets/raw-uploads.ts';
import { refused } from './refused.ts';

interface SmallFile {
  readonly path: string;
  readonly content: Buffer;
}

const files = fc.array(
  fc.record(
    {
      path: fc.string({ unit: 'binary', maxLength: 40 }),
      content: fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
    },
    { noNullPrototype: true },
  ),
  { maxLength: 12 },
);

function packOf(packed: readonly SmallFile[]): Buffer {
  return Buffer.concat([
    ...packed.map(({ path, content }) => packFile({ path, content, sha256: sha256(content) })),
    PACK_END,
  ]);
}

/** A pack as it may come over a line: in pieces that end anywhere. */
async function* inPieces(pack: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const ends = [...cuts.map((cut) => cut % (pack.length + 1)), pack.length].sort((a, b) => a - b);
  let start = 0;
  for (const end of ends) {
    yield pack.subarray(start, end);
    start = end;
  }
}

async function unpacked(pack: Buffer, cuts: readonly number[] = []): Promise<SmallFile[]> {
  const found: SmallFile[] = [];
  for await (const { path, content, sha256: hash } of unpack(inPieces(pack, cuts))) {
    assert.equal(hash, sha256(content));
    found.push({ path, content: Buffer.from(content) });
  }
  return found;
}

test('what is packed comes out again, however it is cut into pieces on the way', async () => {
  await fc.assert(
    fc.asyncProperty(files, fc.array(fc.nat(), { maxLength: 20 }), async (packed, cuts) => {
      assert.deepEqual(await unpacked(packOf(packed), cuts), packed);
    }),
  );
});

test('a pack that ends anywhere but at its end is refused', async () => {
  await fc.assert(
    fc.asyncProperty(files, fc.nat(), async (packed, at) => {
      const pack = packOf(packed);
      await assert.rejects(unpacked(pack.subarray(0, at % pack.length)), refused('bad-content'));
    }),
  );
});

test('whatever is no pack is refused, in words', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
      if (Buffer.from(bytes).equals(PACK_END)) return;
      await assert.rejects(unpacked(Buffer.from(bytes)), refused('bad-content'));
    }),
  );
});

test('headers that say something else than a file are refused', async () => {
  const hash = sha256('');
  const headers = [
    '{}',
    'null',
    '[]',
    '"x"',
    '{',
    `{"path":1,"size":0,"sha256":"${hash}"}`,
    `{"path":"x","size":-1,"sha256":"${hash}"}`,
    `{"path":"x","size":0.5,"sha256":"${hash}"}`,
    `{"path":"x","size":"0","sha256":"${hash}"}`,
    '{"path":"x","size":0,"sha256":"../../x"}',
    '{"path":"x","size":0}',
  ];
  for (const header of headers) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(header.length);
    const pack = Buffer.concat([length, Buffer.from(header), PACK_END]);
    await assert.rejects(unpacked(pack), refused('bad-content'), header);
  }
});

test('the bounds of a pack hold', async () => {
  const content = Buffer.alloc(PACKED_FILE_BYTES);
  const many = Array.from({ length: PACK_FILES }, (_, index) => ({
    path: `${index}`,
    content: Buffer.alloc(1),
  }));
  assert.equal((await unpacked(packOf(many))).length, PACK_FILES);
  await assert.rejects(
    unpacked(packOf([...many, { path: 'x', content: Buffer.alloc(1) }])),
    refused('too-large'),
  );
  const longer = Buffer.alloc(PACKED_FILE_BYTES + 1);
  await assert.rejects(unpacked(packOf([{ path: 'x', content: longer }])), refused('too-large'));
  const full = Array.from({ length: PACK_BYTES / content.length }, (_, index) => ({
    path: `${index}`,
    content,
  }));
  assert.equal((await unpacked(packOf(full))).length, full.length);
  const over = Array.from({ length: full.length + 9 }, (_, index) => ({ path: `${index}`, content }));
  await assert.rejects(unpacked(packOf(over)), refused('too-large'));
});
