import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkStudy } from '../../src/shared/prepare/prepare.ts';
import { formatDiagnostic } from '../../src/shared/spec/diagnostic.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A sample as `maestro run` checks it: everything short of writing. */
async function check(specificationFile: string, generator?: string, generatorArgs: string[] = []) {
  const { diagnostics, checked } = await checkStudy({
    specificationFile: join('samples', specificationFile),
    ...(generator === undefined ? {} : { generator: join('samples', generator) }),
    generatorArgs,
    hashWorkspaces: false,
    useTmp: false,
    limits: { attempts: 1, rlimit: 1, throttle: 0, sleeptime: 60 },
    dry: true,
    cwd: ROOT,
    now: new Date(2026, 0, 2),
  });
  assert.deepEqual(diagnostics.map(formatDiagnostic), []);
  assert.ok(checked !== undefined);
  return checked.expansion;
}

describe('samples', () => {
  // What is for the cluster is no study, and is tried by its tutorial.
  const samples = readdirSync(join(ROOT, 'samples'), { withFileTypes: true }).filter(
    (one) => one.isDirectory() && one.name !== 'cluster',
  );
  for (const { name } of samples) {
    test(`${name} has nothing to complain about, not even a warning`, async () => {
      assert.ok((await check(join(name, `${name}.yaml`))).count > 1);
    });
  }

  test('oscillator takes the parameters of its generators', async () => {
    const grid = await check('oscillator/oscillator.yaml', 'oscillator/grid.py', ['damping:4']);
    assert.equal(grid.count, 4 * 2 + 1);
    assert.deepEqual(grid.names.slice(-3), ['swing_D.0.8.F.0.5', 'swing_D.0.8.F.4.0', 'rank']);
    const cube = await check('oscillator/oscillator.yaml', 'oscillator/hypercube.ts', ['count:12']);
    assert.equal(cube.count, 12 + 1);
  });
});
