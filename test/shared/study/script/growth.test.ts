import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  BATCH_TYPES,
  type BatchType,
  type Growth,
  type Resources,
  type SchedulerArgs,
} from '../../../../src/shared/spec/specification.ts';
import { grown, grownRequest } from '../../../../src/shared/study/script/growth.ts';
import { renderScripts } from '../../../../src/shared/study/script/render-scripts.ts';
import { parseWalltime } from '../../../../src/shared/study/script/walltime.ts';
import { batchOf, stepOf } from './step-of.ts';

/** The header lines of a step whose requests have grown so many times. */
function headerOf(
  type: BatchType,
  { walltime, args = {}, common = {} }: { walltime?: string; args?: SchedulerArgs; common?: SchedulerArgs },
  grow: Growth,
  times: number,
): string[] {
  const resources: Resources = { nodes: '1', ...(walltime === undefined ? {} : { walltime }) };
  const asked = { batch: batchOf(type, { args: common }), step: stepOf('x', resources, { args }) };
  const { batch, step } = grownRequest(asked, grow, times);
  return renderScripts(batch, step).scripts.main.text.split('\n');
}

test('each scheduler is asked for a longer walltime, in its own words', () => {
  const written = (type: BatchType, walltime: string, times: number) =>
    headerOf(type, { walltime }, { walltime: 1.5 }, times).filter((line) => /time|-W/.test(line));
  assert.deepEqual(written('slurm', '00:10:00', 0), ['#SBATCH --time=00:10:00']);
  assert.deepEqual(written('slurm', '00:10:00', 1), ['#SBATCH --time=0:15:00']);
  assert.deepEqual(written('slurm', '00:10:00', 2), ['#SBATCH --time=0:22:30']);
  assert.deepEqual(written('lsf', '1:00', 1), ['#BSUB -W 01:30']);
  assert.deepEqual(written('pbs', '1h', 1), ['#PBS -l walltime=01:30:00']);
  assert.deepEqual(written('flux', '10', 1), ['#INFO (walltime) 900']);
});

test('memory grows where options ask for it, in whole numbers of a unit', () => {
  const memory = (type: BatchType, args: SchedulerArgs, factor: number) =>
    headerOf(type, { args }, { memory: factor }, 1).filter((line) => /mem|-M/.test(line));
  assert.deepEqual(memory('slurm', { mem: '4G' }, 2), ['#SBATCH --mem=8G']);
  assert.deepEqual(memory('slurm', { '--mem-per-cpu': '1G' }, 1.5), ['#SBATCH --mem-per-cpu=1536M']);
  assert.deepEqual(memory('slurm', { mem: '1001' }, 1.5), ['#SBATCH --mem=1502']);
  assert.deepEqual(memory('lsf', { M: '4000' }, 2), ['#BSUB -M 8000']);
  assert.deepEqual(memory('pbs', { mem: '1gb' }, 1.5), ['#PBS -l mem=1536mb']);
  assert.deepEqual(memory('slurm', { mem: 'much' }, 2), ['#SBATCH --mem=much']);
  const common = headerOf('slurm', { common: { mem: '2G' } }, { memory: 2 }, 1);
  assert.ok(common.includes('#SBATCH --mem=4G'), 'those of the batch block too');
});

test('what has no limit, or no walltime, has none later either', () => {
  for (const type of BATCH_TYPES) {
    for (const about of [{}, { walltime: 'inf' }, { walltime: '0' }]) {
      assert.deepEqual(
        headerOf(type, about, { walltime: 2 }, 3),
        headerOf(type, about, { walltime: 2 }, 0),
        type,
      );
    }
  }
});

test('a request never shrinks, never grows beyond a hundred times the first, and can always be read', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000_000 }),
      fc.double({ min: 1, max: 10, noNaN: true }),
      fc.nat(50),
      fc.constantFrom(...BATCH_TYPES),
      (seconds, factor, times, type) => {
        const step = stepOf('x', { walltime: `${seconds}s` });
        const request = (count: number): number => {
          const asked = grownRequest({ batch: batchOf(type), step }, { walltime: factor }, count);
          const walltime = parseWalltime(asked.step.resources.walltime!, type);
          assert.ok(walltime.kind === 'limit');
          return walltime.seconds;
        };
        assert.ok(request(times) <= request(times + 1));
        assert.ok(seconds <= request(times) && request(times) <= seconds * 100);
        assert.equal(request(times), grown(seconds, factor, times));
      },
    ),
  );
});
