import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EngineScene } from '../test/orchestra/server/engine/engine-scene.ts';
import { type Bench, runIfMain } from './claim.ts';
import { inSeconds, median, settle, use, withScratch } from './measure.ts';

const JOBS = 2000;
const AT_ONCE = 2;
const ROUNDS = 3;
const LIMIT = 1.4;

/** A job that leaves nothing behind has failed, so this is the least that one can do. */
const COMMAND = 'true > %OUT/done';

/** From the order to make the task to the end of its last job, through the study, its conductor and the job script. */
async function withEngine(scene: EngineScene): Promise<number> {
  settle();
  const begun = performance.now();
  const task = await scene.submit({ command: COMMAND, jobs: JOBS, canaries: 1 });
  const jobs = await scene.untilEnded(task);
  const seconds = (performance.now() - begun) / 1000;
  const done = jobs.filter(({ phase }) => phase === 'done').length;
  if (done !== JOBS) throw new Error(`${JOBS - done} jobs have failed`);
  return seconds;
}

/** The same calls of bwrap without anything around them, started by xargs. */
function withBwrap(scene: EngineScene, round: number): number {
  const { images, root } = scene.cluster.directory;
  const volume = join(root, `bare-${round}`);
  for (let job = 0; job < JOBS; job++)
    mkdirSync(join(volume, 'task', `job_configId_${job}`), { recursive: true });
  const inside = '/volume/ada/task/job_configId_{}';
  const call = [
    ...['bwrap', '--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL', '--clearenv'],
    ...[
      '--setenv',
      'PATH',
      '/bin',
      '--ro-bind',
      join(images, 'busybox'),
      '/',
      '--proc',
      '/proc',
      '--dev',
      '/dev',
      '--ro-bind',
      '/proc/sys',
      '/proc/sys',
    ],
    ...['--tmpfs', '/tmp', '--tmpfs', '/volume', '--ro-bind', volume, '/volume/ada'],
    ...['--bind', join(volume, 'task/job_configId_{}'), inside, '--remount-ro', '/volume', '--chdir', inside],
    ...['--', '/bin/sh', '-c', COMMAND.replace('%OUT', inside)],
  ];
  const input = Array.from({ length: JOBS }, (_, job) => job).join('\n');
  settle();
  return use(['sh', '-c', `echo "$1" | { shift 1; xargs -P ${AT_ONCE} -I{} "$@"; }`, 'sh', input, ...call])
    .seconds;
}

/** Jobs of a task that do nothing, through the whole engine of a cluster, against the bare calls of the runtime. */
export const orchestraJobs: Bench = {
  work: `${JOBS} no-op jobs of a task in containers, ${AT_ONCE} at a time`,
  measure: () =>
    withScratch(async ({ directory }) => {
      const scene = new EngineScene([{ name: 'cpu', slots: AT_ONCE, runtime: 'bwrap' }], directory);
      const ours: number[] = [];
      const bare: number[] = [];
      try {
        for (let round = 0; round < ROUNDS; round++) {
          ours.push(await withEngine(scene));
          bare.push(withBwrap(scene, round));
        }
      } finally {
        await scene.close();
      }
      return [
        {
          what: 'against the bare calls of bwrap',
          limit: LIMIT,
          measured: median(ours) / median(bare),
          unit: 'times',
          detail: `${inSeconds(median(ours))} against ${inSeconds(median(bare))}`,
        },
      ];
    }),
};

await runIfMain(import.meta.url, orchestraJobs);
