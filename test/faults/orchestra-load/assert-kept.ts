import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import Database from 'better-sqlite3';
import { listDatasets, showDataset } from '../../../src/orchestra/api/datasets.ts';
import { call } from '../../../src/orchestra/client/call.ts';
import { listTasks, showTask } from '../../../src/orchestra/client/tasks.ts';
import { dataDirectory } from '../../../src/orchestra/server/data-directory.ts';
import { volumeDirectory } from '../../../src/orchestra/server/datasets/volume.ts';
import { studyPlace } from '../../../src/orchestra/server/engine/study-place.ts';
import { clusterStoreFile } from '../../../src/orchestra/server/state/store.ts';
import { storeFile } from '../../../src/shared/state/store.ts';
import { filesIn } from '../../orchestra/datasets/unzipped.ts';
import { assertShown } from './looks.ts';
import { type Scene, USERS } from './scene.ts';

/** All that was acknowledged is listed and lies in the volume, with the content that was sent; nothing else does. */
export async function assertDatasets({ connections, known }: Scene, data: string): Promise<void> {
  for (const user of USERS) {
    const listed = await call(connections[user], listDatasets, { query: {} });
    for (const { name, kind } of listed) {
      assert.ok(!known.deleted.has(name), `${name} was deleted`);
      if (kind === 'outputs' || !known.meant.has(name)) continue;
      const { contents } = await call(connections[user], showDataset, { params: { dataset: name } });
      assertShown(name, contents, { stored: known.stored.get(name) ?? [], meant: known.meant.get(name)! });
      const shown = new Map(contents.map(({ path, sha256 }): [string, string] => [path, sha256 ?? '']));
      const lies = filesIn(volumeDirectory(dataDirectory(data), name));
      assert.deepEqual(
        [...lies].sort(),
        [...shown].sort(),
        `the volume shows of ${name} what is listed, whole`,
      );
    }
    const names = new Set(listed.map(({ name }) => name));
    const missing = [...known.stored.keys()].filter(
      (name) => name.startsWith(`user.${user}.`) && !names.has(name),
    );
    assert.deepEqual(missing, []);
  }
}

/** Tasks that were left alone are done, by one attempt a job; those that were killed or deleted are just that. */
export async function assertTasks({ connections: { eve }, known }: Scene, data: string): Promise<void> {
  const listed = await listTasks(eve);
  const expected = [...known.tasks].filter(([, { fate }]) => fate !== 'is deleted').map(([name]) => name);
  assert.deepEqual(listed.map(({ name }) => name).sort(), expected.sort());
  for (const name of expected) {
    const { jobs, fate } = known.tasks.get(name)!;
    const task = await showTask(eve, name);
    assert.equal(task.run, 1, name);
    if (fate === 'is killed') assert.ok(task.endedAs === 'killed' || task.endedAs === 'done', name);
    else assert.deepEqual([task.endedAs, task.jobs.done], ['done', jobs], `${name}: ${task.reason}`);
    assertOneAttemptEach(data, name, fate === 'is killed' ? { atMost: jobs } : { exactly: jobs });
  }
}

function assertOneAttemptEach(
  data: string,
  name: string,
  { exactly, atMost }: { readonly exactly?: number; readonly atMost?: number },
): void {
  const cluster = new Database(clusterStoreFile(data), { readonly: true });
  const id = cluster.prepare('SELECT id FROM task WHERE name = ?').pluck().get(name) as number;
  cluster.close();
  const file = storeFile(studyPlace(dataDirectory(data), { id, run: 1 }).study);
  if (!existsSync(file)) {
    assert.equal(exactly, undefined, `${name} has no study`);
    return;
  }
  const study = new Database(file, { readonly: true });
  const { attempts, steps } = study
    .prepare<[], { attempts: number; steps: number }>(
      'SELECT count(*) AS attempts, count(DISTINCT step) AS steps FROM attempt',
    )
    .get()!;
  study.close();
  assert.equal(attempts, steps, `${name}: a job was tried twice`);
  if (exactly !== undefined) assert.equal(attempts, exactly, name);
  else assert.ok(attempts <= atMost!, name);
}

/** The lines of a trace. */
export function traced(trace: string): string[] {
  return readFileSync(trace, 'utf8').split('\n').slice(0, -1);
}

/** Each job without a container has written its line once; those of tasks that were killed at most once. */
export function assertTrace({ trace, known }: Scene): void {
  const ran = traced(trace).map((line) => `${line.slice(0, line.indexOf(' '))} ${basename(line)}`);
  assert.deepEqual(
    ran.filter((line, at) => ran.indexOf(line) !== at),
    [],
    'jobs that ran twice',
  );
  const bare = new Set(ran.map((line) => line.slice(0, line.indexOf(' '))));
  for (const name of bare) {
    const { jobs, fate } = known.tasks.get(name)!;
    if (fate !== 'is killed')
      assert.equal(ran.filter((line) => line.startsWith(`${name} `)).length, jobs, name);
  }
}
