import assert from 'node:assert/strict';
import { test } from 'node:test';
import { harmlessText } from '../../../src/cli/render/harmless-text.ts';

const shown = (...pieces: Uint8Array[]): string => {
  const harmless = harmlessText();
  return pieces.map((piece) => harmless(piece)).join('');
};

test('text, tabs and ends of lines stay as they are', () => {
  assert.equal(shown(Buffer.from('a\tb\r\nGrüße 🎻\n')), 'a\tb\r\nGrüße 🎻\n');
});

test('escape sequences are shown and do nothing', () => {
  assert.equal(shown(Buffer.from('\x1b]0;owned\x07\x1b[2J')), '␛]0;owned␇␛[2J');
  assert.equal(shown(Buffer.from('\u009b2J\x7f')), '\ufffd2J\ufffd');
});

test('a character that is cut in two pieces is one', () => {
  const bytes = Buffer.from('\u009bé');
  assert.equal(shown(bytes.subarray(0, 1), bytes.subarray(1, 3), bytes.subarray(3)), '\ufffdé');
});
