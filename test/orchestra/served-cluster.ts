import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import pino from 'pino';
import { stringify } from 'yaml';
import { taskRoutes, userRoutes } from '../../src/orchestra/api.ts';
import { type Connection, call } from '../../src/orchestra/client/call.ts';
import type { Cluster } from '../../src/orchestra/server/cluster.ts';
import { type ClusterConfig, defaultConfig } from '../../src/orchestra/server/config/config.ts';
import { readConfig } from '../../src/orchestra/server/config/read-config.ts';
import { dataDirectory } from '../../src/orchestra/server/data-directory.ts';
import { serve } from '../../src/orchestra/server/main.ts';
import { AT_CONSOLE } from '../../src/orchestra/server/operation/audited.ts';
import { openClusterStore } from '../../src/orchestra/server/state/store.ts';
import { addUser, type NewUser } from '../../src/orchestra/server/users/add-user.ts';
import { type Clock, systemClock } from '../../src/shared/clock.ts';
import { until } from '../e2e/until.ts';

/** How a cluster of a test differs from the default one. */
export interface ServedClusterOptions {
  readonly config?: Partial<ClusterConfig>;
  /** Such as `standingClock()`. */
  readonly clock?: Clock;
}

/** A server that really serves, at a free port, from a data directory of its own. */
export interface ClusterUnderTest {
  readonly url: string;
  readonly data: string;
  /** As a command on the server's machine has it: the same files, the same store through a connection of its own. */
  readonly cluster: Cluster;
  /** Adds a user, by default an active one; the password is `password of NAME` where none is given. */
  addUser(name: string, user?: Partial<NewUser>): Promise<void>;
  /** A token that the server has given to a user for the password. */
  tokenOf(name: string): Promise<string>;
  /** What the client calls the server with as this user. */
  connectionOf(name: string): Promise<Connection>;
  /** Stops the server and starts it again on the same data and at the same address. */
  restart(): Promise<void>;
}

/** Serves a cluster until the test ends; then it is stopped and its data removed. */
export async function servedCluster(
  test: TestContext,
  { config = {}, clock = systemClock }: ServedClusterOptions = {},
): Promise<ClusterUnderTest> {
  const data = mkdtempSync(join(tmpdir(), 'maestro-cluster-'));
  const directory = dataDirectory(data);
  writeFileSync(directory.config, stringify({ ...defaultConfig(2), ...config }));
  const start = async (port: number) =>
    await serve({ data, host: '127.0.0.1', port, insecure: false, clock });
  let server = await start(0);
  const store = openClusterStore(data);
  test.after(async () => {
    await endTasks();
    store.close();
    await server.close();
    // A conductor whose task has ended may still be writing its last lines.
    rmSync(data, { recursive: true, maxRetries: 50, retryDelay: 100 });
  });
  const { url } = server;
  const cluster: Cluster = {
    directory,
    config: readConfig(directory.config).config,
    store,
    clock,
    log: pino({ enabled: false }),
  };
  const passwords = new Map<string, string>();
  const tokenOf = async (name: string): Promise<string> => {
    const password = passwords.get(name) ?? '';
    const { token } = await call({ server: url }, userRoutes.createToken, {
      body: { username: name, password },
    });
    return token;
  };
  /** Jobs run on when a server is closed, and would outlive the test. */
  const endTasks = async (): Promise<void> => {
    const owners = store.prepare<[], string>(
      'SELECT DISTINCT user.name FROM task JOIN user ON user.id = owner WHERE ended_as IS NULL',
    );
    const names = owners.pluck().all();
    const isActive = store.prepare<[string]>(`SELECT 1 FROM user WHERE name = ? AND state = 'active'`);
    // Those of others are being killed: nobody gets in for them any more.
    for (const name of names.filter((owner) => isActive.get(owner) !== undefined)) {
      const connection = { server: server.url, token: await tokenOf(name) };
      await call(connection, taskRoutes.killAllTasks, { query: {} });
    }
    if (names.length > 0) await until('all tasks have ended', () => owners.get() === undefined);
  };
  return {
    url,
    data,
    cluster,
    async addUser(name, user = {}) {
      const { password = `password of ${name}` } = user;
      passwords.set(name, password);
      await addUser(cluster, AT_CONSOLE, { state: 'active', ...user, name, password });
    },
    tokenOf,
    connectionOf: async (name) => ({ server: url, token: await tokenOf(name) }),
    async restart() {
      await server.close();
      server = await start(Number(new URL(url).port));
      // The client may not have noticed yet that its idle connections were closed.
      await fetch(url).catch(() => undefined);
    },
  };
}
