import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { datasetRoutes, taskRoutes, userRoutes } from '../../../src/orchestra/api.ts';
import type { Connection } from '../../../src/orchestra/client/call.ts';
import { PACK_TYPE } from '../../../src/orchestra/file-pack.ts';
import type { Route } from '../../../src/orchestra/route.ts';
import { packOf, type RawAnswer, send, sha256, storeFiles } from '../datasets/raw-uploads.ts';
import { servedCluster } from '../served-cluster.ts';
import { newTask } from '../server/tasks/tasks-under-test.ts';

/** Every route of the API, whatever is added to it. */
const ROUTES = [userRoutes, datasetRoutes, taskRoutes].flatMap((of) =>
  Object.entries(of).flatMap(([name, value]) => (isRoute(value) ? [{ name, route: value as Route }] : [])),
);

function isRoute(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value;
}

/** What a request names: a user, and a dataset or task of that user. */
interface Named {
  readonly user: string;
  readonly thing: string;
}

/** Asks for a route in the name of somebody, with all that it needs filled in. */
async function ask(connection: Connection, route: Route, named: Named): Promise<RawAnswer> {
  const params: Readonly<Record<string, string>> = {
    dataset: named.thing,
    task: named.thing,
    user: named.user,
    upload: 'a'.repeat(32),
    number: '0',
    queue: 'cpu_small',
  };
  const path = route.path.replace(
    /:(\w+)/g,
    (_, name: string) => params[name] ?? assert.fail(`what is ${name}?`),
  );
  const query = new URLSearchParams();
  if ('user' in (route.query?.properties ?? {})) query.set('user', named.user);
  if ('path' in (route.query?.properties ?? {})) query.set('path', 'file');
  return await send(connection, route.method, `${path}?${query}`, bodyOf(route, named));
}

function bodyOf(route: Route, { thing }: Named): Parameters<typeof send>[3] {
  if (route === datasetRoutes.storePack) {
    return { headers: { 'content-type': PACK_TYPE }, body: packOf({ file: 'content' }) };
  }
  const bodies = new Map<Route, object>([
    [datasetRoutes.finishUpload, { dataset: thing, path: 'file', sha256: sha256('content') }],
    [taskRoutes.createTask, newTask({ name: thing, dataFile: thing, configFile: thing })],
    [userRoutes.changeUser, { role: 'admin' }],
    [userRoutes.createToken, { username: 'eve', password: 'no password of hers' }],
  ]);
  const body = bodies.get(route);
  if (body === undefined) {
    assert.equal(route.body, undefined, `a body for ${route.path} is missing here`);
    return {};
  }
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** Whether what is named in such a request decides whose business it is. */
function namesSomebody({ path, query, body }: Route): boolean {
  return (
    /:(?:dataset|task|user)/.test(path) ||
    'user' in (query?.properties ?? {}) ||
    /"(?:dataset|dataFile)"/.test(JSON.stringify(body ?? {}))
  );
}

/** A cluster with ada, who has a dataset, and eve. */
async function adaAndEve(t: TestContext) {
  const { addUser, connectionOf, cluster } = await servedCluster(t);
  for (const name of ['ada', 'eve']) await addUser(name);
  const [ada, eve] = [await connectionOf('ada'), await connectionOf('eve')];
  assert.equal((await storeFiles(ada, 'user.ada.data', { file: 'content' })).status, 200);
  return { ada, eve, store: cluster.store };
}

describe('every route of the API', () => {
  it('wants a token that is good, but for those that anybody may ask for', async (t) => {
    const { ada } = await adaAndEve(t);
    const named = { user: 'ada', thing: 'user.ada.data' };
    const forged = `maestro_${Buffer.alloc(32, 7).toString('base64url')}`;
    for (const { name, route } of ROUTES) {
      if (route.by === 'anybody') continue;
      for (const token of [undefined, 'x', forged]) {
        const connection = { server: ada.server, ...(token === undefined ? {} : { token }) };
        const { status, body } = await ask(connection, route, named);
        assert.deepEqual([name, status, body.error?.code], [name, 401, 'unauthenticated']);
      }
    }
  });

  it('says no of what is another’s, and not whether it is there', async (t) => {
    const { ada, eve, store } = await adaAndEve(t);
    const answerOf = async (route: Route, named: Named): Promise<string> => {
      const { status, body } = await ask(eve, route, named);
      const text = JSON.stringify(body).replaceAll(named.thing, 'THING').replaceAll(named.user, 'SOMEBODY');
      return `${status} ${text}`;
    };
    const asked = ROUTES.filter(({ route }) => namesSomebody(route));
    assert.ok(asked.length > 12, 'the walk has found them');
    for (const { name, route } of asked) {
      const there = await answerOf(route, { user: 'ada', thing: 'user.ada.data' });
      assert.match(there, /^403 /, name);
      assert.equal(await answerOf(route, { user: 'ada', thing: 'user.ada.nothing' }), there, name);
      assert.equal(await answerOf(route, { user: 'nobody', thing: 'user.nobody.data' }), there, name);
    }
    const { body } = await send(ada, 'GET', '/datasets/user.ada.data');
    assert.equal(body.files, 1, 'nothing is changed');
    assert.equal(store.prepare('SELECT count(*) FROM dataset').pluck().get(), 1);
    assert.equal(store.prepare("SELECT count(*) FROM user WHERE role = 'admin'").pluck().get(), 0);
  });
});
