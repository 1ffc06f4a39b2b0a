import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, runIfMain } from './claim.ts';
import { inSeconds, median, settle, use } from './measure.ts';
import { withQueued } from './queued-study.ts';
import { emptyQueue, HELD, withSlurm } from './slurm.ts';

const STEPS = 500;
const LOOPS = 4;
const ROUNDS = 5;
const LIMIT = 1.3;

/** Parallel loops of bare sbatch over ready-made scripts, each loop with so many of them. */
const BARE = `
submit() { for script; do sbatch --parsable "$script" >/dev/null || exit; done; }
share=$1 loops=()
shift
while (($# > 0)); do
  submit "\${@:1:share}" &
  loops+=($!)
  shift "$((share < $# ? share : $#))"
done
for loop in "\${loops[@]}"; do wait "$loop" || exit; done`;

function withLoops(directory: string, env: NodeJS.ProcessEnv): number {
  const jobs = join(directory, '.maestro', 'jobs');
  const scripts = readdirSync(jobs).filter((name) => name.endsWith('.sh'));
  if (scripts.length !== STEPS) throw new Error(`there are ${scripts.length} job scripts`);
  settle();
  const share = String(Math.ceil(STEPS / LOOPS));
  return use(['bash', '-c', BARE, 'bash', share, ...scripts.map((name) => join(jobs, name))], { env })
    .seconds;
}

/** Each step with a submission of its own, against a shell that submits the same scripts and keeps no books. */
export const schedulersSingly: Bench = {
  work: `${STEPS} ready steps to Slurm, arrays off`,
  measure: () =>
    withSlurm(async (slurm, scratch) => {
      const study = { steps: STEPS, batch: { ...HELD, arrays: false }, sleep: 60 };
      const ours: number[] = [];
      const bare: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const written = await withQueued(scratch, study, (queued) => {
          ours.push(queued.seconds);
          return queued.directory;
        });
        await emptyQueue(slurm);
        bare.push(withLoops(written, scratch.env));
        await emptyQueue(slurm);
      }
      return [
        {
          what: `against ${LOOPS} loops of bare sbatch`,
          limit: LIMIT,
          measured: median(ours) / median(bare),
          unit: 'times',
          detail: `${inSeconds(median(ours))} against ${inSeconds(median(bare))}`,
        },
      ];
    }),
};

await runIfMain(import.meta.url, schedulersSingly);
