import assert from 'node:assert/strict';
import { listDatasets, showDataset } from '../../../src/orchestra/api/datasets.ts';
import { showQueue } from '../../../src/orchestra/api/tasks.ts';
import { call } from '../../../src/orchestra/client/call.ts';
import { listTasks } from '../../../src/orchestra/client/tasks.ts';
import { until } from '../../e2e/until.ts';
import { insist, type Scene, USERS } from './scene.ts';

/** Whoever looks does not stand in the way of all others: a round comes once there have been so many answers to them. */
const ANSWERS_A_ROUND = 4;

/** Lists and shows whatever there is, again and again: it is always at least what was acknowledged, and nothing half. */
export async function keepLooking(scene: Scene, random: () => number): Promise<void> {
  while (!scene.isOver()) {
    await lookAtTasks(scene);
    await lookAtDatasets(scene, random);
    const next = scene.answers.count() + ANSWERS_A_ROUND;
    await until('others have been answered', () => scene.isOver() || scene.answers.count() >= next);
  }
}

async function lookAtTasks(scene: Scene): Promise<void> {
  const {
    connections: { eve },
    known,
  } = scene;
  const acknowledged = [...known.tasks.keys()];
  const names = new Set((await insist(scene, () => listTasks(eve))).result.map(({ name }) => name));
  const missing = acknowledged.filter(
    (name) => !names.has(name) && known.tasks.get(name)?.fate !== 'is deleted',
  );
  assert.deepEqual(missing, [], 'tasks that were acknowledged are listed');
  await insist(scene, () => call(eve, showQueue, { params: { queue: 'bare' } }));
}

async function lookAtDatasets(scene: Scene, random: () => number): Promise<void> {
  const { connections, known } = scene;
  const user = USERS[Math.floor(random() * USERS.length)]!;
  const isOurs = (name: string): boolean => name.startsWith(`user.${user}.`);
  const acknowledged = [...known.stored.keys()].filter(isOurs);
  const deleted = [...known.deleted].filter(isOurs);
  const { result } = await insist(scene, () => call(connections[user], listDatasets, { query: {} }));
  const names = new Set(result.map(({ name }) => name));
  const missing = acknowledged.filter((name) => !names.has(name) && known.stored.has(name));
  assert.deepEqual(missing, [], 'datasets that were acknowledged are listed');
  assert.deepEqual(
    deleted.filter((name) => names.has(name)),
    [],
    'datasets that were deleted are not',
  );
  const dataset = acknowledged[Math.floor(random() * acknowledged.length)];
  if (dataset === undefined || !known.stored.has(dataset)) return;
  const stored = [...known.stored.get(dataset)!];
  const shown = await insist(scene, () =>
    call(connections[user], showDataset, { params: { dataset } }),
  ).catch((error) => {
    // It may have been deleted since it was chosen.
    if (known.stored.has(dataset)) throw error;
  });
  if (shown !== undefined)
    assertShown(dataset, shown.result.contents, { stored, meant: known.meant.get(dataset)! });
}

/** A dataset shows at least the files that were acknowledged, and no other content than was sent. */
export function assertShown(
  dataset: string,
  contents: readonly { readonly path: string; readonly sha256: string | null }[],
  {
    stored,
    meant,
  }: { readonly stored: Iterable<[string, string]>; readonly meant: ReadonlyMap<string, string> },
): void {
  const shown = new Map(contents.map(({ path, sha256 }) => [path, sha256]));
  for (const [path, hash] of stored) assert.equal(shown.get(path), hash, `${dataset}: ${path}`);
  for (const [path, hash] of shown) assert.equal(hash, meant.get(path), `${dataset}: ${path} was never sent`);
}
