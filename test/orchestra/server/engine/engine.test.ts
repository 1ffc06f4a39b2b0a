import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EngineScene, NODE } from './engine-scene.ts';

describe('a task', () => {
  let scene: EngineScene;
  before(() => {
    scene = new EngineScene([{ name: 'cpu', slots: 2, runtime: 'bwrap' }]);
  });
  after(() => scene.close());

  it('runs its jobs, each in its own directory, and keeps their logs', async () => {
    const task = await scene.submit({ command: 'echo "hello from $PWD"; echo x > %OUT/x', jobs: 3 });
    const jobs = await scene.untilEnded(task);
    assert.deepEqual(
      jobs.map(({ number, phase, node }) => [number, phase, node]),
      [0, 1, 2].map((number) => [number, 'done', NODE]),
    );
    assert.match(
      scene.logOf(task, 2),
      /^name {4}job_configId_2 of user\.ada\.task1\nnode {4}\S+\nstatus {2}done +\n\nhello from \/volume\/ada\/user\.ada\.task1\/job_configId_2\n$/,
    );
  });
});
