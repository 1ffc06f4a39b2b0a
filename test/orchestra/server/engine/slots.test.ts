import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { TaskPlan } from '../../../../src/orchestra/server/engine/task-plan.ts';
import { readLease } from '../../../../src/shared/state/lease.ts';
import { readAttempts } from '../../../../src/shared/state/queries.ts';
import { openStore } from '../../../../src/shared/state/store.ts';
import { EngineScene } from './engine-scene.ts';

/** Jobs that run until they are let go: each reads a line from a named pipe of its own. */
const COMMAND = 'read -r word < %IN; echo "$word $CUDA_VISIBLE_DEVICES" > %OUT/word';

describe('the slots of a queue', () => {
  let scene: EngineScene;
  const gpus = ['3', '5'];
  before(() => {
    scene = new EngineScene([
      { name: 'cpu', slots: 2, runtime: 'bwrap' },
      { name: 'gpu', slots: 2, runtime: 'bwrap', gpus },
    ]);
  });
  afterEach(() => scene.end());
  after(() => scene.close());

  let pipes = 0;
  const submit = (owner: string, jobs: number, queue = 'cpu'): Promise<TaskPlan> => {
    const directory = `${owner}/pipes${++pipes}`;
    mkdirSync(join(scene.cluster.directory.volume, directory), { recursive: true });
    const inputs = Array.from({ length: jobs }, (_, number) => `${directory}/${number}`);
    for (const input of inputs) execFileSync('mkfifo', [join(scene.cluster.directory.volume, input)]);
    return scene.submit({ command: COMMAND, owner, jobs, inputs, queue });
  };
  /** Lets a job go that runs, or is about to. */
  const letGo = async (task: TaskPlan, ...numbers: number[]): Promise<void> => {
    const { volume } = scene.cluster.directory;
    await Promise.all(numbers.map((number) => writeFile(join(volume, task.jobs[number]!.input), 'go\n')));
  };
  const runningOf = async (task: TaskPlan, count: number): Promise<number[]> => {
    const isRunning = ({ phase }: { phase: string }): boolean => phase === 'running';
    const jobs = await scene.until(task, (all) => all.filter(isRunning).length === count);
    return jobs.filter(isRunning).map(({ number }) => number);
  };

  it('go to whoever stands first in the line when a job ends, and nobody is interrupted', async () => {
    const ada = await submit('ada', 4);
    assert.deepEqual(await runningOf(ada, 2), [0, 1]);
    // Ada has four jobs and bob one, so that bob's stands before ada's next.
    const bob = await submit('bob', 1);
    await scene.untilAllowed(ada, 1);
    await letGo(ada, 0);
    assert.deepEqual(await runningOf(bob, 1), [0]);
    assert.deepEqual(await runningOf(ada, 1), [1]);
    await letGo(bob, 0);
    assert.deepEqual(await runningOf(ada, 2), [1, 2]);
    await letGo(ada, 1, 2, 3);
    const jobs = await scene.untilEnded(ada);
    assert.ok(jobs.every(({ phase }) => phase === 'done'));
  });

  it('stay with their jobs when the conductor is killed and the server starts again; no job runs twice', async () => {
    const task = await submit('ada', 5);
    assert.deepEqual(await runningOf(task, 2), [0, 1]);
    const study = join(scene.cluster.directory.studies, `${task.id}-${task.run}`);
    const store = openStore(study);
    const first = readLease(store)!;
    process.kill(first.process.pid, 'SIGKILL');
    await scene.restart();
    await letGo(task, 0);
    await scene.until(task, (jobs) => jobs[0]!.phase === 'done');
    assert.deepEqual(await runningOf(task, 2), [1, 2]);
    assert.notEqual(readLease(store)!.process.pid, first.process.pid);
    await letGo(task, 1, 2, 3, 4);
    const jobs = await scene.untilEnded(task);
    assert.ok(jobs.every(({ phase }) => phase === 'done'));
    for (const { number } of jobs) {
      const begun = readAttempts(store, number).filter(({ startedAt }) => startedAt !== null);
      assert.equal(begun.length, 1);
    }
    store.close();
  });

  it('give each of their jobs a GPU of its own', async () => {
    const task = await submit('ada', 3, 'gpu');
    await runningOf(task, 2);
    await letGo(task, 0, 1, 2);
    await scene.untilEnded(task);
    const words = [0, 1, 2].map((number) => readFileSync(join(scene.outputOf(task, number), 'word'), 'utf8'));
    assert.deepEqual(new Set(words.slice(0, 2)), new Set(gpus.map((gpu) => `go ${gpu}\n`)));
    assert.ok(gpus.some((gpu) => words[2] === `go ${gpu}\n`));
  });
});
