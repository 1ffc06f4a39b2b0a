import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FUZZERS } from './fuzzers.ts';

/** The same tries each time: `npm run fuzz` makes others, and more of them. */
const SEED = 20_261_122;

describe('nothing that can be made up breaks it:', () => {
  for (const { name, runs, open } of FUZZERS) {
    it(name, async () => {
      const { property, clean } = open();
      try {
        await fc.assert(property, { numRuns: runs, seed: SEED });
      } finally {
        clean();
      }
    });
  }
});
