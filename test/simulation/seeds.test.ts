import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keptScenarios } from './kept-scenarios.ts';
import { play } from './play.ts';

describe('scenarios that have failed once', () => {
  for (const { name, story, scenario } of keptScenarios()) {
    it(`${name}: ${story}`, async () => {
      const { violations } = await play(scenario);
      assert.deepEqual(violations, []);
    });
  }
});
