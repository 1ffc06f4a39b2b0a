import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BATCH_TYPES } from '../../../../src/shared/spec/specification.ts';
import { parseWalltime } from '../../../../src/shared/study/script/walltime.ts';

const M = 60;
const H = 3600;
const D = 24 * H;

test('every scheduler reads the forms that mean the same to all', () => {
  const forms: [string, number][] = [
    ['15', 15 * M],
    ['0', 0],
    ['5400', 5400 * M],
    [' 90 ', 90 * M],
    ['01:10:31', H + 10 * M + 31],
    ['0:00:00', 0],
    ['36:00:00', 36 * H],
    ['1-0', D],
    ['1-12', D + 12 * H],
    ['1-12:30', D + 12 * H + 30 * M],
    ['1-00:00:01', D + 1],
    ['00:10:00.5', 10 * M + 0.5],
    ['90s', 90],
    ['5m', 5 * M],
    ['1.5h', 1.5 * H],
    ['2d', 2 * D],
    ['5.5', 5.5 * M],
  ];
  for (const type of BATCH_TYPES) {
    for (const [text, seconds] of forms) {
      assert.deepEqual(parseWalltime(text, type), { kind: 'limit', seconds }, `${text} on ${type}`);
    }
  }
});

test('a time of two parts is hours and minutes to LSF, minutes and seconds to the others', () => {
  assert.deepEqual(parseWalltime('02:15', 'lsf'), { kind: 'limit', seconds: 2 * H + 15 * M });
  for (const type of ['local', 'slurm', 'flux', 'pbs'] as const) {
    assert.deepEqual(parseWalltime('02:15', type), { kind: 'limit', seconds: 2 * M + 15 });
  }
});

test('what is not said is told from what is unlimited and what cannot be read', () => {
  for (const text of ['', ' ', 'None', 'False']) assert.equal(parseWalltime(text).kind, 'unsaid', text);
  for (const text of ['inf', 'INFINITE', 'unlimited'])
    assert.equal(parseWalltime(text).kind, 'unlimited', text);
  for (const text of ['soon', '-5', '1:2:3:4', '5x', '1h30m', '$(WT)', '1:', ':30', '1e9', '9'.repeat(30)]) {
    assert.equal(parseWalltime(text).kind, 'unreadable', text);
  }
});

test('no text makes it throw, and no limit is negative or without end', () => {
  const texts = fc.oneof(fc.string(), fc.stringMatching(/^[0-9:\-.smhd]{0,14}$/));
  fc.assert(
    fc.property(texts, fc.constantFrom(...BATCH_TYPES), (text, type) => {
      const walltime = parseWalltime(text, type);
      if (walltime.kind === 'limit') assert.ok(walltime.seconds >= 0 && Number.isFinite(walltime.seconds));
    }),
  );
});
