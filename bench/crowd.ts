import { setTimeout as pause } from 'node:timers/promises';
import type { Task } from '../src/orchestra/api/tasks.ts';
import { createTask, showTask } from '../src/orchestra/client/tasks.ts';
import { type ClusterStore, openClusterStore } from '../src/orchestra/server/state/store.ts';
import { issueToken } from '../src/orchestra/server/users/tokens.ts';
import type { Load } from './orchestra-load.ts';
import { taskOf } from './task-order.ts';

const TASKS_EACH = 5;
const JOBS_EACH = 20;
const HOUR_MS = 3_600_000;
const LOOK_MS = 100;

/** Users with tokens, with two datasets, and with tasks that have ended. */
export function addUsers(data: string, count: number): Load['users'] {
  const store = openClusterStore(data);
  try {
    return store.transaction(() => {
      const sha256 = '0'.repeat(64);
      store.prepare(`INSERT INTO blob VALUES (?, 1, 1, 1, 'sound')`).run(sha256);
      return Array.from({ length: count }, (_, index) => addUser(store, `user${index}`, sha256));
    })();
  } finally {
    store.close();
  }
}

function addUser(store: ClusterStore, name: string, sha256: string): Load['users'][number] {
  const now = Date.now();
  const user = Number(
    store
      .prepare(
        `INSERT INTO user (name, password, role, state, max_priority, created_at)
        VALUES (?, '!', 'user', 'active', 100, ?)`,
      )
      .run(name, now).lastInsertRowid,
  );
  const addDataset = (dataset: string, kind: string, files: number): number => {
    const { lastInsertRowid: id } = store
      .prepare('INSERT INTO dataset (name, owner, kind, created_at) VALUES (?, ?, ?, ?)')
      .run(`user.${name}.${dataset}`, user, kind, now);
    for (let file = 0; file < files; file++) {
      store.prepare('INSERT INTO file VALUES (?, ?, ?, 1, ?)').run(id, `file${file}`, sha256, now);
    }
    return Number(id);
  };
  addDataset('data', 'files', 1);
  addDataset('configs', 'files', JOBS_EACH);
  for (let task = 0; task < TASKS_EACH; task++) {
    const output = addDataset(`old${task}`, 'outputs', 0);
    const { lastInsertRowid: id } = store
      .prepare(
        `INSERT INTO task (name, owner, queue, image, exec, command, data_dataset, config_dataset, is_dummy_data,
          is_dummy_config, et, eta, canaries, output, run, state, state_at, ended_as, ended_at, created_at)
        VALUES (?, ?, 'cpu_small', 'busybox', 'x', 'x', '', '', 0, 0, 0, 0, 1, ?, 1, 'done', ?, 'done', ?, ?)`,
      )
      .run(`user.${name}.old${task}`, user, output, now, now, now);
    for (let job = 0; job < JOBS_EACH; job++) {
      store.prepare(`INSERT INTO job VALUES (?, ?, '', 'done', 'node1', ?, ?)`).run(id, job, now, now);
    }
  }
  const { token } = issueToken(store, { user, kind: 'api', now, expiresAt: now + HOUR_MS });
  return { name, token };
}

/** Starts a job that lasts, and waits until it has its slot. */
export async function takeSlot(server: string, { name, token }: Load['users'][number]): Promise<void> {
  const connection = { server, token };
  const task = taskOf(name, { name: 'lasting', exec: 'sleep 600; : %DATA %IN %OUT' });
  await createTask(connection, task);
  while (!isUnderWay(await showTask(connection, task.name))) await pause(LOOK_MS);
}

/** A canary that runs is tested. */
function isUnderWay({ jobs }: Pick<Task, 'jobs'>): boolean {
  return jobs.running + jobs.testing > 0;
}

/** Forgets all tasks that wait and has the one with the slot killed; answers when it is. */
export async function leaveSlot(data: string): Promise<void> {
  const store = openClusterStore(data);
  try {
    const lasting = `name LIKE '%.lasting' AND ended_as IS NULL`;
    store.prepare(`DELETE FROM task WHERE ended_as IS NULL AND NOT (${lasting})`).run();
    store.prepare(`UPDATE task SET state = 'kill' WHERE ${lasting}`).run();
    const isThere = store.prepare(`SELECT count(*) FROM task WHERE ${lasting}`).pluck();
    while (isThere.get() !== 0) await pause(LOOK_MS);
  } finally {
    store.close();
  }
}
