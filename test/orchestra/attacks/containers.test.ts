import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { TaskPlan } from '../../../src/orchestra/server/engine/task-plan.ts';
import { EngineScene } from '../server/engine/engine-scene.ts';

/** What only the server may know. */
const SECRET = 'the password of the mail server';

/** A shell that tries something and goes on, whatever comes of it. */
const attempt = (command: string): string => `(${command}) 2>/dev/null || :`;

describe('a job that attacks its cluster', () => {
  let scene: EngineScene;
  before(() => {
    process.env.SMTP_SECRET = SECRET;
    scene = new EngineScene([{ name: 'cpu', slots: 1, runtime: 'bwrap' }]);
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
        attempt('cat /proc/*/environ /proc/*/cmdline'),
        'env',
      ].join('\n'),
    );
    assert.match(log, /^volume: eve$/m);
    assert.doesNotMatch(log, new RegExp(SECRET));
    assert.doesNotMatch(log, /SQLite format|SMTP_SECRET/);
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
        attempt('busybox mknod %OUT/disk b 8 0 && echo made a device'),
        attempt('busybox unshare -Ur busybox mount -o remount,bind,rw /volume/eve && echo has remounted'),
      ].join('\n'),
    );
    assert.equal(readFileSync(precious, 'utf8'), 'of eve');
    assert.equal(statSync(precious).mode, before.mode);
    assert.equal(statSync(join(images, 'busybox', 'bin', 'written'), { throwIfNoEntry: false }), undefined);
    assert.doesNotMatch(log, /linked|wrote|changed the|made a|has remounted/);
  });
});
