import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import {
  stepNameOf,
  studySpecification,
} from '../../../../src/orchestra/server/engine/study-specification.ts';
import type { TaskPlan } from '../../../../src/orchestra/server/engine/task-plan.ts';
import { type CheckedStudy, checkStudy } from '../../../../src/shared/prepare/prepare.ts';

const directory = mkdtempSync(join(tmpdir(), 'maestro-specification-'));
after(() => rmSync(directory, { recursive: true }));

const PROGRAM = { script: '/opt/it is/job.sh', settings: '/data/studies/7-1.task/task.sh' };

function planOf(jobs: number, canaries: number, changes: Partial<TaskPlan> = {}): TaskPlan {
  return {
    id: 7,
    run: 1,
    owner: 'ada',
    name: 'user.ada.sweep',
    queue: { name: 'cpu_small', slots: 3 },
    image: 'busybox',
    command: 'true',
    jobs: Array.from({ length: jobs }, (_, number) => ({ number, input: '' })),
    canaries,
    ...changes,
  };
}

async function expansionOf(plan: TaskPlan): Promise<CheckedStudy> {
  const file = join(directory, 'task.yaml');
  writeFileSync(file, studySpecification(plan, PROGRAM));
  const { diagnostics, checked } = await checkStudy({
    specificationFile: file,
    out: join(directory, 'study'),
    generatorArgs: [],
    hashWorkspaces: false,
    useTmp: false,
    limits: { attempts: 1, rlimit: 1, throttle: 0, sleeptime: 60 },
    dry: false,
    cwd: directory,
    now: new Date(0),
  });
  assert.deepEqual(diagnostics, []);
  return checked!;
}

describe('the study of a task', () => {
  it('has job i as its step i, however many jobs and canaries there are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 45 }),
        async (jobs, canaries) => {
          const { expansion, study } = await expansionOf(planOf(jobs, canaries));
          assert.deepEqual(
            expansion.names,
            Array.from({ length: jobs }, (_, number) => stepNameOf(number, canaries)),
          );
          expansion.names.forEach((_, row) => {
            const { uses } = study.steps[expansion.template[row]!]!;
            assert.equal(study.parameters[uses[0]!]!.values[expansion.combination[row]!], String(row));
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('lets the other jobs wait for all canaries', async () => {
    const { study } = await expansionOf(planOf(5, 2));
    assert.deepEqual(
      study.steps.map(({ name, parents, funnels }) => ({ name, parents, funnels })),
      [
        { name: 'canary', parents: [], funnels: [] },
        { name: 'job', parents: [], funnels: [0] },
      ],
    );
  });

  it('runs on this machine unless the queue says otherwise, each job on one core without asking for nodes', async () => {
    const { study } = await expansionOf(planOf(2, 1, { queue: { name: 'q', slots: 3, walltime: 0.5 } }));
    assert.equal(study.batch.type, 'local');
    assert.equal(study.batch.cores, 3);
    assert.deepEqual(
      study.steps.map(({ resources }) => resources),
      [{ walltime: '30s' }, { walltime: '30s' }],
    );
  });

  it('asks a scheduler for one process, and for a gpu where the queue has some', async () => {
    const queue = {
      name: 'q',
      slots: 3,
      gpus: ['0'],
      batch: { type: 'slurm', queue: 'gpu', host: 'here', bank: 'b' },
    };
    const { study } = await expansionOf(planOf(1, 0, { queue }));
    assert.deepEqual(study.steps[0]!.resources, { nodes: '1', procs: '1', gpus: '1' });
    assert.equal(study.batch.queue, 'gpu');
    assert.equal(study.steps[0]!.isScheduled, true);
  });
});
