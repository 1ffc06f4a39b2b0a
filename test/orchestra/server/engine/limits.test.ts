import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { runtimesHere } from '../../runtimes-here.ts';
import { EngineScene } from './engine-scene.ts';

const MEMORY_MIB = 64;

for (const { runtime, skip } of await runtimesHere()) {
  describe(`a job in ${runtime} with ${MEMORY_MIB} MiB`, { skip }, () => {
    let scene: EngineScene;
    before(() => {
      scene = new EngineScene([{ name: 'cpu', slots: 1, runtime, memory: MEMORY_MIB }]);
    });
    after(() => scene.close());

    /** How a job of this command ends, and what it leaves in its log. */
    async function run(command: string): Promise<{ readonly phase: string; readonly log: string }> {
      const task = await scene.submit({ command, jobs: 1 });
      const [job] = await scene.untilEnded(task);
      return { phase: job!.phase, log: scene.logOf(task, 0) };
    }

    it('gets what it needs', async () => {
      const { phase, log } = await run('head -c 1000000 /dev/zero > /tmp/x && cp /tmp/x %OUT/x');
      assert.equal(phase, 'done', log);
    });

    it('gets no more memory than that, and says so', async () => {
      const { phase, log } = await run(
        `awk 'BEGIN { s = "0123456789abcdef"; while (length(s) < 400000000) s = s s }' && : > %OUT/x`,
      );
      assert.equal(phase, 'failed');
      assert.match(log, /out of memory|cannot allocate/i);
    });

    for (const place of ['/tmp', '/dev/shm']) {
      it(`finds ${place} full where others would lose their memory`, async () => {
        const { phase, log } = await run(`dd if=/dev/zero of=${place}/x bs=1M count=100 && : > %OUT/x`);
        assert.equal(phase, 'failed');
        assert.match(log, /no space left|out of memory/i);
      });
    }
  });
}
