import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bwrap } from '../src/orchestra/server/containers/bwrap.ts';
import type { ContainerPlan, JobVariable, Word } from '../src/orchestra/server/containers/container-plan.ts';
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
  const values: Readonly<Record<JobVariable, string>> = {
    output: join(volume, 'task/job_configId_{}'),
    inside,
    command: COMMAND.replace('%OUT', inside),
    container: '',
    devices: '-1',
  };
  const call = bwrap.call(planOf(join(images, 'busybox'), volume)).map((word) => wordWith(word, values));
  const input = Array.from({ length: JOBS }, (_, job) => job).join('\n');
  settle();
  return use(['sh', '-c', `echo "$1" | { shift 1; xargs -P ${AT_ONCE} -I{} "$@"; }`, 'sh', input, ...call])
    .seconds;
}

/** A container as the engine makes it where the queue has no limits. */
function planOf(image: string, volume: string): ContainerPlan {
  return {
    image: { kind: 'directory', path: image },
    volume,
    owner: 'ada',
    user: '0:0',
    hasNetwork: false,
    memory: undefined,
    processes: undefined,
    hasGpu: false,
  };
}

function wordWith(word: Word, values: Readonly<Record<JobVariable, string>>): string {
  if (typeof word === 'string') return word;
  return word.map((part) => (typeof part === 'string' ? part : values[part.variable])).join('');
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
