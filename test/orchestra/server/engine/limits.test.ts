import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { after, before, describe, it } from 'node:test';
import type { RuntimeName } from '../../../../src/orchestra/server/config/config.ts';
import { tryRuntimes } from '../../../../src/orchestra/server/containers/try-runtimes.ts';
import { EngineScene } from './engine-scene.ts';

const MEMORY_MIB = 64;

const RUNTIMES = ['bwrap', 'charliecloud'] as const satisfies readonly RuntimeName[];

const trials = await tryRuntimes(tmpdir(), 'maestro-test', RUNTIMES);

for (const runtime of RUNTIMES) {
  const trial = trials.get(runtime);
  const skip =
    trial?.works === true ? false : `${runtime}: ${trial?.works === false ? trial.why : 'not tried'}`;
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

    // Charliecloud makes one as large as the system does.
    if (runtime === 'charliecloud') return;
    it('finds its scratch full where others would lose their memory', async () => {
      const { phase, log } = await run('dd if=/dev/zero of=/tmp/x bs=1M count=100 && : > %OUT/x');
      assert.equal(phase, 'failed');
      assert.match(log, /no space left/i);
    });
  });
}
