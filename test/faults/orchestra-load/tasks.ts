import assert from 'node:assert/strict';
import { followTask } from '../../../src/orchestra/client/follow.ts';
import { createTask, deleteTask, killTask } from '../../../src/orchestra/client/tasks.ts';
import { storeFiles } from '../../orchestra/datasets/raw-uploads.ts';
import { newTask } from '../../orchestra/server/tasks/tasks-under-test.ts';
import { butFor, impatientClock, insist, type Scene } from './scene.ts';

/** The datasets of configurations, by how many files, and so jobs, they have. */
const SIZES = [1, 4, 12];

const configurations = (jobs: number): string => `user.eve.configs${jobs}`;

/** Uploads what the tasks of the load read. */
export async function uploadInputs({ connections: { eve } }: Scene): Promise<void> {
  const made = [await storeFiles(eve, 'user.eve.data', { 'events.txt': 'events\n' })];
  for (const jobs of SIZES) {
    const files = Array.from({ length: jobs }, (_, job) => [`${job}.json`, `${job}`]);
    made.push(await storeFiles(eve, configurations(jobs), Object.fromEntries(files)));
  }
  assert.deepEqual(new Set(made.map(({ status }) => status)), new Set([200]));
}

/**
 * Creates task after task, each once the one before has ended: in a container, or in none with jobs that tell by a
 * line in the trace that they have run. Some are killed amid their jobs, some deleted when they have ended.
 */
export async function createTasks(scene: Scene, who: string, random: () => number): Promise<void> {
  const { connections, known, trace } = scene;
  for (let round = 0; !scene.isOver(); round++) {
    const name = `user.eve.${who}${round}`;
    const jobs = SIZES[Math.floor(random() * SIZES.length)]!;
    const isContained = random() < 0.4;
    const body = newTask({
      name,
      dataFile: 'user.eve.data',
      configFile: configurations(jobs),
      queue: isContained ? 'contained' : 'bare',
      exec: isContained
        ? 'echo ran %IN %DATA; echo > %OUT/result'
        : `echo %IN %DATA; echo ${name} %OUT >> "${trace}"; sleep 0.1; echo > %OUT/result`,
      canaries: random() < 0.5 ? 1 : 0,
    });
    await insist(scene, () => createTask(connections.eve, body)).catch(butFor('exists'));
    const task = { jobs, fate: 'runs' as 'runs' | 'is killed' | 'is deleted' };
    known.tasks.set(name, task);
    if (random() < 0.2) {
      task.fate = 'is killed';
      await insist(scene, () => killTask(connections.eve, name)).catch(butFor('wrong-state'));
    }
    for await (const _ of followTask(connections.eve, name, { clock: impatientClock }));
    if (task.fate === 'runs' && random() < 0.3) {
      task.fate = 'is deleted';
      await insist(scene, () => deleteTask(connections.eve, name)).catch(butFor('not-found'));
    }
  }
}
