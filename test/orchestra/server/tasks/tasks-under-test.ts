import type { TestContext } from 'node:test';
import type { NewTask } from '../../../../src/orchestra/api/tasks.ts';
import type { Actor } from '../../../../src/orchestra/server/actor.ts';
import type { Cluster } from '../../../../src/orchestra/server/cluster.ts';
import type { ClusterConfig } from '../../../../src/orchestra/server/config/config.ts';
import type { PostOffice } from '../../../../src/orchestra/server/mail/post-office.ts';
import { AT_CONSOLE } from '../../../../src/orchestra/server/operation/audited.ts';
import { jobCounts } from '../../../../src/orchestra/server/tasks/board.ts';
import { startTaskLoop } from '../../../../src/orchestra/server/tasks/task-loop.ts';
import { type Orderer, taskOrders } from '../../../../src/orchestra/server/tasks/task-orders.ts';
import { taskByName } from '../../../../src/orchestra/server/tasks/task-row.ts';
import { handClock } from '../../../fakes/hand-clock.ts';
import { addUserRow, temporaryCluster } from '../temporary-cluster.ts';
import { memoryEngine } from './memory-engine.ts';

/** Puts a dataset of these files into the store, without any content. */
export function addDataset({ store }: Cluster, owner: Actor, name: string, files: readonly string[]): void {
  const sha256 = 'a'.repeat(64);
  store.prepare(`INSERT INTO blob VALUES (?, 1, 1, 1, 'sound') ON CONFLICT DO NOTHING`).run(sha256);
  const { lastInsertRowid } = store
    .prepare(`INSERT INTO dataset (name, owner, kind, created_at) VALUES (?, ?, 'files', 1)`)
    .run(name, owner.id);
  for (const file of files) {
    store.prepare('INSERT INTO file VALUES (?, ?, ?, 1, 1)').run(lastInsertRowid, file, sha256);
  }
}

/** A task that passes every check in a cluster with ada's datasets. */
export function newTask(changes: Partial<NewTask> = {}): NewTask {
  return {
    name: 'user.ada.fit',
    dataFile: 'user.ada.data',
    configFile: 'user.ada.configs',
    secondary: {},
    exec: 'fit -d %DATA -i %IN -o %OUT',
    image: 'busybox',
    queue: 'cpu_small',
    et: 0,
    eta: 0,
    isDummyData: false,
    isDummyConfig: false,
    canaries: 1,
    dryRun: false,
    ...changes,
  };
}

/** A cluster with the users ada, bob and grace, an administrator, and with ada's datasets of one and of four files. */
export function clusterWithData(test: TestContext, config: Partial<ClusterConfig> = {}) {
  const temporary = temporaryCluster();
  test.after(() => temporary.remove());
  const clock = handClock();
  const cluster: Cluster = { ...temporary, clock, config: { ...temporary.config, ...config } };
  const ada = addUserRow(cluster, 'ada');
  const bob = addUserRow(cluster, 'bob');
  const grace = addUserRow(cluster, 'grace', 'admin');
  cluster.store.prepare(`UPDATE user SET email = name || '@lab.example'`).run();
  addDataset(cluster, ada, 'user.ada.data', ['events.h5']);
  addDataset(cluster, ada, 'user.ada.configs', ['a.json', 'b.json', 'c.json', 'd.json']);
  return { cluster, clock, ada, bob, grace };
}

/** Tasks of such a cluster, whose loop can be killed and started again, over an engine in memory. */
export function tasksUnderTest(test: TestContext, config: Partial<ClusterConfig> = {}) {
  const world = clusterWithData(test, config);
  const { cluster, ada, clock } = world;
  const engine = memoryEngine();
  const postOffice: PostOffice = { wake() {}, async close() {} };
  let loop = startTaskLoop(cluster, engine, postOffice);
  test.after(() => loop.close());
  const orders = taskOrders(cluster, {
    wake: (id) => loop.wake(id),
    async close() {},
  });
  const as = (actor: Actor): Orderer => ({ actor, origin: { ...AT_CONSOLE, actor: actor.name } });
  const { store } = cluster;
  const stateOf = (name = 'user.ada.fit') => taskByName(store, name)?.state;
  return {
    ...world,
    engine,
    orders,
    as,
    byAda: as(ada),
    /** Lets the loop take its turns. */
    turn: () => clock.advance(1_000),
    stateOf,
    /** Counts of jobs that are not nought, such as `{ done: 3, failed: 1 }`. */
    jobs(name = 'user.ada.fit') {
      const counts = jobCounts(store, taskByName(store, name)!.id);
      return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
    },
    /** The loop dies as with its server, and another one begins. */
    crash() {
      void loop.close();
      loop = startTaskLoop(cluster, engine, postOffice);
    },
    /** The subjects of the mails that wait. */
    mails: () =>
      store
        .prepare<[], { mail: string }>(`SELECT recipient || ' ' || subject AS mail FROM mail ORDER BY id`)
        .all()
        .map(({ mail }) => mail),
  };
}
