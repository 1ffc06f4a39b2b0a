import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TaskPlan } from '../../../src/orchestra/server/engine/task-plan.ts';
import { runtimesHere } from '../runtimes-here.ts';
import { EngineScene } from '../server/engine/engine-scene.ts';

/** What only the server may know. */
const SECRET = 'the password of the mail server';

/** A shell that tries something and goes on, whatever comes of it. */
const attempt = (command: string): string => `(${command}) 2>/dev/null || :`;

/** Root's processes are not counted by the limit that a shell can set. */
const isCounted = (runtime: string): boolean => runtime === 'podman' || process.getuid?.() !== 0;

for (const { runtime, skip } of await runtimesHere()) {
  describe(`a job in ${runtime} that attacks its cluster`, { skip }, () => {
    let scene: EngineScene;
    before(() => {
      process.env.SMTP_SECRET = SECRET;
      scene = new EngineScene([{ name: 'cpu', slots: 1, runtime, processes: 30 }]);
      const { volume } = scene.cluster.directory;
      for (const owner of ['ada', 'eve']) {
        mkdirSync(join(volume, owner, `user.${owner}.data`), { recursive: true });
        writeFileSync(join(volume, owner, `user.${owner}.data`, 'precious'), `of ${owner}`, { mode: 0o444 });
      }
    });
    after(async () => {
      delete process.env.SMTP_SECRET;
      await scene.close();
    });

    const outputOf = async (command: string): Promise<{ readonly task: TaskPlan; readonly log: string }> => {
      const task = await scene.submit({ command: `${command}\necho ended > %OUT/ended`, owner: 'eve' });
      const [job] = await scene.untilEnded(task);
      const log = scene.logOf(task, 0);
      assert.equal(job?.phase, 'done', log);
      return { task, log };
    };

    it('sees nothing of other users, of the server and of its environment', async () => {
      const { root } = scene.cluster.directory;
      const { log } = await outputOf(
        [
          'echo volume: $(ls /volume)',
          attempt(`cat ${root}/orchestra.db ${root}/config.yaml`),
          'echo processes: $(ls /proc | busybox grep -c "^[0-9]")',
          'echo descriptors: $(ls /proc/self/fd)',
          'echo disks: $(ls /dev | busybox grep -cE "^(sd|vd|hd|nvme|dm-|mem)")',
          attempt('cat /proc/*/environ /proc/*/cmdline'),
          'env',
        ].join('\n'),
      );
      assert.match(log, /^volume: eve$/m);
      assert.doesNotMatch(log, new RegExp(SECRET));
      assert.doesNotMatch(log, /SQLite format|SMTP_SECRET/);
      assert.match(log, /^disks: 0$/m);
      // The container's first process, the job's shell, and what that asks.
      assert.ok(Number(/^processes: (\d+)$/m.exec(log)?.[1]) <= 6, log);
      // Its input, its output, and the directory that `ls` has open to tell.
      assert.match(log, /^descriptors: 0 1 2 3$/m);
    });

    it('changes no file but of its own output, whoever serves the cluster', async () => {
      const { volume, images } = scene.cluster.directory;
      const precious = join(volume, 'eve', 'user.eve.data', 'precious');
      const before = statSync(precious);
      const own = '/volume/eve';
      const { log } = await outputOf(
        [
          attempt(`busybox mount -o remount,bind,rw ${own}`),
          attempt('busybox mount -o remount,bind,rw /'),
          attempt(`busybox umount ${own}`),
          attempt(`busybox chmod 666 ${own}/user.eve.data/precious`),
          attempt(`echo changed > ${own}/user.eve.data/precious`),
          attempt(`busybox rm -f ${own}/user.eve.data/precious`),
          // A second name in a directory that may be written would be a way to the content of others' files.
          attempt(`busybox ln ${own}/user.eve.data/precious %OUT/precious && echo linked`),
          attempt('echo changed > /bin/written && echo wrote into the image'),
          attempt('echo changed > /volume/written && echo wrote beside the volume'),
          attempt('echo core > /proc/sys/kernel/core_pattern && echo changed the kernel'),
          attempt('echo 1 > /sys/fs/cgroup/memory/memory.use_hierarchy && echo changed the groups'),
          attempt('busybox mount -t tmpfs none /tmp && echo has mounted memory'),
          attempt('busybox mknod %OUT/disk b 8 0 && echo made a device'),
          attempt('busybox unshare -Ur busybox mount -o remount,bind,rw /volume/eve && echo has remounted'),
        ].join('\n'),
      );
      assert.equal(readFileSync(precious, 'utf8'), 'of eve');
      assert.equal(statSync(precious).mode, before.mode);
      assert.equal(statSync(join(images, 'busybox', 'bin', 'written'), { throwIfNoEntry: false }), undefined);
      assert.doesNotMatch(log, /linked|wrote|changed the|made a|has (?:re)?mounted/);
    });

    it('reaches no network, not even the server', async () => {
      const server = createServer((socket) => socket.end('reached'));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      try {
        const { port } = server.address() as AddressInfo;
        const { log } = await outputOf(attempt(`busybox nc 127.0.0.1 ${port} < /dev/null`));
        assert.doesNotMatch(log, /reached/);
      } finally {
        server.close();
      }
    });

    if (isCounted(runtime)) {
      it('has as many processes as its queue gives it', async () => {
        const task = await scene.submit({
          command: 'for i in $(busybox seq 100); do sleep 60 & done',
          owner: 'eve',
        });
        const [job] = await scene.untilEnded(task);
        assert.equal(job?.phase, 'failed');
        assert.match(scene.logOf(task, 0), /can't fork/);
      });
    }
  });
}
