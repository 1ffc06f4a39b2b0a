import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  chunksByLength,
  compressIds,
  memberIds,
  parseJobId,
  parseQueuedIds,
} from '../../../../src/conductor/schedulers/slurm/job-ids.ts';

/** All job ids that an id column means. */
function jobsIn(text: string): string[] {
  const ids = parseQueuedIds(text);
  if (ids === undefined) return [];
  return ids.kind === 'one' ? [ids.id] : [...ids.indexes()].map((index) => `${ids.base}_${index}`);
}

for (const [text, jobs] of [
  ['19', ['19']],
  ['19_5', ['19_5']],
  ['19_[0-3]', ['19_0', '19_1', '19_2', '19_3']],
  ['19_[0-3%2]', ['19_0', '19_1', '19_2', '19_3']],
  ['19_[7]', ['19_7']],
  ['19_[0,3-4,9]', ['19_0', '19_3', '19_4', '19_9']],
  ['19_[0-8:4]', ['19_0', '19_4', '19_8']],
  ['12+0', ['12']],
  ['12+1', []],
  ['19.batch', []],
  ['CLUSTER: east', []],
  ['', []],
] as const) {
  test(`the id column ${JSON.stringify(text)} means ${jobs.join(', ') || 'nothing of ours'}`, () => {
    assert.deepEqual(jobsIn(text), jobs);
  });
}

test('jobs that are compressed come out again, each once, as few words as arrays', () => {
  const job = fc.oneof(
    fc.nat(30).map(String),
    fc.tuple(fc.integer({ min: 100, max: 103 }), fc.nat(40)).map(([base, index]) => `${base}_${index}`),
  );
  fc.assert(
    fc.property(fc.array(job, { maxLength: 60 }), (jobs) => {
      const words = compressIds(jobs);
      assert.deepEqual(words.flatMap(jobsIn).sort(), [...new Set(jobs)].sort());
      assert.equal(words.length, new Set(jobs.map((id) => (id.includes('_') ? id.split('_')[0] : id))).size);
    }),
  );
});

test('what is no job id is never an argument', () => {
  assert.deepEqual(compressIds(['--user=root', '7', 'ƒ23', '-1', '8_1 9', '']), ['7']);
});

test('one member has the id itself, several have its elements', () => {
  assert.deepEqual(memberIds('7', 1), ['7']);
  assert.deepEqual(memberIds('7', 3), ['7_0', '7_1', '7_2']);
  assert.deepEqual(parseJobId('7_2'), { base: '7', index: 2 });
});

test('a list is split into parts of bounded length that lose nothing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^\d{1,9}$/)),
      fc.integer({ min: 10, max: 50 }),
      (words, bytes) => {
        const chunks = chunksByLength(words, bytes);
        assert.deepEqual(chunks.flat(), words);
        assert.ok(chunks.every((chunk) => chunk.length > 0 && chunk.join(',').length <= bytes));
      },
    ),
  );
});
