import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handClock } from '../../../fakes/hand-clock.ts';
import { send, storeFiles } from '../../datasets/raw-uploads.ts';
import { servedCluster } from '../../served-cluster.ts';

const DAY_MS = 24 * 60 * 60_000;

test('a clock that is set back, or forward, takes nothing away and leaves nothing open', async (t) => {
  const clock = handClock(1_700_000_000_000);
  const { connectionOf, addUser, url } = await servedCluster(t, { clock });
  await addUser('ada');
  const ada = await connectionOf('ada');
  assert.ok((await storeFiles(ada, 'user.ada.before', { a: 'a' })).status < 300);

  clock.jump(-2 * DAY_MS);
  assert.equal((await send(ada, 'GET', '/datasets')).status, 200, 'a token from the future is good');
  assert.ok((await storeFiles(ada, 'user.ada.after', { a: 'a' })).status < 300);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  assert.doesNotMatch(await (await fetch(`${url}/metrics`)).text(), /seconds\{[^}]*\} -/);

  clock.jump(400 * DAY_MS);
  assert.equal((await send(ada, 'GET', '/datasets')).status, 401, 'a token of last year is not');
  const again = await connectionOf('ada');
  const { body } = await send(again, 'GET', '/datasets');
  assert.deepEqual(
    (body as { name: string }[]).map(({ name }) => name),
    ['user.ada.after', 'user.ada.before'],
  );
});
