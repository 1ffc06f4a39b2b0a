import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressText } from '../../src/cli/transfer-progress.ts';
import { sizeText } from '../../src/orchestra/size-text.ts';

test('sizes are told in the unit that leaves them short', () => {
  const sizes = { 0: '0 B', 1023: '1023 B', 1024: '1.0 KiB', 1536: '1.5 KiB', 1048575: '1.0 MiB' };
  for (const [bytes, text] of Object.entries(sizes)) assert.equal(sizeText(Number(bytes)), text);
  assert.equal(sizeText(2 * 1024 ** 3), '2.0 GiB');
  assert.equal(sizeText(5 * 1024 ** 6), '5120.0 PiB');
});

test('a transfer tells how far it is, how fast, and how long it will take', () => {
  const progress = { files: 12, totalFiles: 40, bytes: 1024 ** 3, totalBytes: 2 * 1024 ** 3 };
  const text = progressText(progress, 256 * 1024 ** 2);
  assert.equal(text, '1.0 GiB of 2.0 GiB, 256.0 MiB/s, 4s left, 12 of 40 files');
  assert.equal(progressText({ ...progress, totalFiles: 1 }, 0), '1.0 GiB of 2.0 GiB, 0 B/s');
});
