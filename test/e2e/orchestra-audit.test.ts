import assert from 'node:assert/strict';
import { it } from 'node:test';
import { audit } from '../../src/orchestra/server/operation/audit.ts';
import { servedCluster } from '../orchestra/served-cluster.ts';
import { makePlace } from './harness.ts';

it('maestro orchestra audit shows who did what, while the cluster is served', async (t) => {
  const { data, cluster } = await servedCluster(t);
  const place = makePlace(t);
  const deed = { action: 'task.kill', outcome: 'done', address: '192.0.2.1', request: 'r1' };
  const at = (day: number) => ({
    store: cluster.store,
    clock: { ...cluster.clock, now: () => Date.UTC(2026, 4, day) },
  });
  audit(at(1), { ...deed, actor: 'ada', subject: 'user.ada.a' });
  audit(at(2), { ...deed, actor: 'bob', subject: 'evil\nline\u001b[31m' });
  audit(at(3), { ...deed, actor: 'ada', subject: 'user.ada.b', outcome: 'not-found' });
  const show = async (...more: string[]) => {
    const { code, stdout, stderr } = await place.maestro(['orchestra', 'audit', '--data', data, ...more]);
    assert.equal(code, 0, stderr);
    return stdout.split('\n').filter((line) => line !== '');
  };
  const lines = (await show()).filter((line) => line.includes('task.kill'));
  assert.equal(lines.length, 3);
  assert.match(
    lines[0] ?? '',
    /^2026-0\d-\d\d \d\d:\d\d:\d\d {2}ada {2}192\.0\.2\.1 {2}task\.kill {2}user\.ada\.a {2}done$/,
  );
  assert.match(lines[1] ?? '', /evil\?line\?\[31m/);
  assert.equal((await show('--user', 'ada')).length, 2);
  const [last] = await show('--user', 'ada', '--since', '2026-05-02T12:00Z', '--json');
  assert.deepEqual(JSON.parse(last ?? ''), {
    ...deed,
    id: 3,
    at: Date.UTC(2026, 4, 3),
    actor: 'ada',
    subject: 'user.ada.b',
    outcome: 'not-found',
  });
  const wrong = await place.maestro(['orchestra', 'audit', '--data', data, '--since', 'yesterday']);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /'yesterday' is no time; write 2026-05-01/);
});
