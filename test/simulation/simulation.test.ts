import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Enough for every kind of fault to be drawn many times; `npm run simulate` goes on from there. */
const RUNS = 200;

it('keeps every promise, whatever dies and whenever', () => {
  const program = fileURLToPath(new URL('main.ts', import.meta.url));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', program, '--seed', '1', '--runs', String(RUNS)],
    { encoding: 'utf8', env: { ...process.env, NODE_TEST_CONTEXT: undefined } },
  );
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, /every promise was kept/);
});
