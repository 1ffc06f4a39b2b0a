import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as api from '../../../../src/orchestra/api.ts';
import { API_PREFIX, type Route } from '../../../../src/orchestra/route.ts';
import { servedCluster } from '../../served-cluster.ts';

const routes = Object.values(api).flatMap((room) => Object.values(room).filter(isRoute));

function isRoute(value: unknown): value is Route {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value;
}

async function textOf(url: string, headers: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(url, { headers });
  assert.equal(answer.status, 200, url);
  return await answer.text();
}

test('a server that is well says so, and what each queue is', async (t) => {
  const { url } = await servedCluster(t);
  const answer = await fetch(`${url}/healthz`);
  const health = (await answer.json()) as Record<string, unknown>;
  assert.equal(answer.status, 200);
  assert.equal(health.status, 'healthy');
  assert.deepEqual(health.reasons, []);
  assert.deepEqual(health.queues, { cpu_large: 'healthy', cpu_small: 'healthy', nvidia: 'healthy' });
});

test('a server whose disk is too full is unhealthy, and its administrators get a mail', async (t) => {
  const freeMiB = 2 ** 40;
  const { url, cluster } = await servedCluster(t, {
    config: {
      limits: { fileMiB: 1, jobsPerTask: 1, requestsPerMinute: 1000, freeMiB },
      mail: { from: 'maestro@localhost', admins: ['ada@example.org'] },
    },
  });
  const answer = await fetch(`${url}/healthz`);
  const { status, reasons } = (await answer.json()) as { status: string; reasons: string[] };
  assert.equal(answer.status, 503);
  assert.equal(status, 'unhealthy');
  assert.equal(reasons.length, 1);
  assert.match(
    reasons[0] ?? '',
    /^the disk has \d+ MiB free, and limits.freeMiB asks for 1099511627776 MiB$/,
  );
  const mails = cluster.store.prepare('SELECT recipient, subject FROM mail ORDER BY id').all();
  assert.deepEqual(
    mails,
    ['cpu_small', 'cpu_large', 'nvidia'].map((queue) => ({
      recipient: 'ada@example.org',
      subject: `Queue ${queue} is not healthy`,
    })),
  );
});

test('metrics count requests by route and tell of slots, store and disk', async (t) => {
  const { url, connectionOf, addUser } = await servedCluster(t);
  await addUser('ada');
  await connectionOf('ada');
  const metrics = await textOf(`${url}/metrics`);
  assert.match(
    metrics,
    /^maestro_request_seconds_count\{method="POST",route="\/api\/v1\/\w+",status="200"\} 1$/m,
  );
  assert.match(metrics, /^maestro_slots_total\{queue="cpu_small"\} 2$/m);
  assert.match(metrics, /^maestro_slots_used\{queue="cpu_small"\} 0$/m);
  assert.match(metrics, /^maestro_queue_healthy\{queue="nvidia"\} 1$/m);
  assert.match(metrics, /^maestro_stored_bytes\{what="store"\} [1-9]\d*/m);
  assert.match(metrics, /^maestro_conductors_live 0$/m);
});

test('metrics are not passed on to others by a proxy, unless an administrator asks', async (t) => {
  const { url, connectionOf, addUser } = await servedCluster(t);
  await addUser('ada', { role: 'admin' });
  await addUser('bob');
  const passedOn = { 'x-forwarded-for': '192.0.2.7' };
  const as = async (name: string) => ({
    ...passedOn,
    authorization: `Bearer ${(await connectionOf(name)).token}`,
  });
  assert.equal((await fetch(`${url}/metrics`, { headers: passedOn })).status, 403);
  assert.equal((await fetch(`${url}/metrics`, { headers: await as('bob') })).status, 403);
  assert.match(await textOf(`${url}/metrics`, await as('ada')), /^maestro_disk_free_bytes \d+/m);
});

test('the description of the API has every route of it, with its answers and refusals', async (t) => {
  const { url } = await servedCluster(t);
  const { paths } = JSON.parse(await textOf(`${url}/openapi.json`)) as {
    paths: Record<string, Record<string, { summary?: string; responses: Record<string, unknown> }>>;
  };
  assert.ok(routes.length > 20);
  for (const { method, path, summary } of routes) {
    const described = paths[`${API_PREFIX}${path}`.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
    assert.equal(described?.summary, summary, `${method} ${path}`);
    assert.ok(described?.responses.default, `${method} ${path} refuses`);
  }
});

test('the page about the API loads nothing from elsewhere', async (t) => {
  const { url } = await servedCluster(t);
  const answer = await fetch(`${url}/docs/`);
  const html = await answer.text();
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-security-policy') ?? '', /^default-src 'self'/);
  const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? '');
  assert.ok(sources.length > 3);
  for (const source of sources) {
    assert.ok(!/^(?:https?:)?\/\//.test(source), source);
    await textOf(new URL(source, `${url}/docs/`).href);
  }
  assert.doesNotMatch(html, /<script>[^<]/);
});
