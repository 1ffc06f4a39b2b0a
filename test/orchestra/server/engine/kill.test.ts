import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { until } from '../../../e2e/until.ts';
import { runtimesHere } from '../../runtimes-here.ts';
import { EngineScene } from './engine-scene.ts';

/** Command lines of processes that hold a text. */
function processesWith(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return [];
      }
    })
    .filter((line) => line.includes(text));
}

for (const { runtime, skip } of await runtimesHere()) {
  describe(`a job in ${runtime}`, { skip }, () => {
    let scene: EngineScene;
    before(() => {
      scene = new EngineScene([{ name: 'cpu', slots: 1, runtime }]);
    });
    after(() => scene.close());

    it('leaves nothing behind when it is killed, whatever it has started', async () => {
      // Some of it in another session, some of it deaf to the signal.
      const nap = `sleep 1000${process.pid}`;
      const command = `trap '' TERM; ${nap} & (trap '' TERM HUP; busybox setsid ${nap} & ${nap}) & echo on > %OUT/on; ${nap}; ${nap}`;
      const task = await scene.submit({ command, jobs: 2 });
      await until('the job has begun', () => readdirSync(scene.outputOf(task, 0)).includes('on'));
      assert.ok(processesWith(nap).length > 0);
      scene.engine.requestKill(task);
      scene.setState(task, 'kill');
      const jobs = await scene.untilEnded(task);
      assert.deepEqual(
        jobs.map(({ phase, startedAt }) => [phase, startedAt !== null]),
        [
          ['cancelled', true],
          ['cancelled', false],
        ],
      );
      await until(
        'its processes are gone',
        () => processesWith(nap).length === 0,
        () => processesWith(nap).join('\n'),
      );
      if (runtime === 'podman') {
        const names = execFileSync('podman', ['ps', '--all', '--format', '{{.Names}}'], { encoding: 'utf8' });
        assert.ok(!names.includes(`-${task.id}-1-0`), names);
      }
      assert.match(scene.logOf(task, 0), /status {2}(?:killed|running)/);
    });

    it('does its work, and tells of its failure', async () => {
      const task = await scene.submit({
        command: 'echo $CUDA_VISIBLE_DEVICES > %OUT/x; case $PWD in *_1) exit 7 ;; esac',
        jobs: 2,
      });
      assert.deepEqual(
        (await scene.untilEnded(task)).map(({ phase }) => phase),
        ['done', 'failed'],
      );
      assert.equal(readFileSync(`${scene.outputOf(task, 0)}/x`, 'utf8'), '-1\n');
      assert.match(scene.logOf(task, 1), /status {2}failed: exit code 7/);
    });
  });
}
