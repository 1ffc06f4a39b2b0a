import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { batchWarnings, usesScheduler } from '../../../src/cli/doctor/batch-warnings.ts';
import { stepRequests } from '../../../src/cli/doctor/requests.ts';
import type { SchedulerAnswer, SlurmFacts } from '../../../src/cli/doctor/scheduler-answer.ts';
import { checked, told } from './checked.ts';

const SLURM: SlurmFacts = {
  version: '22.05.8',
  cluster: 'quartz',
  partitions: [
    {
      name: 'pdebug',
      isDefault: true,
      isUp: true,
      nodes: 16,
      cpusPerNode: 36,
      gpusPerNode: 0,
      maxSeconds: 3600,
      maxNodes: 4,
    },
    {
      name: 'pbatch',
      isDefault: false,
      isUp: true,
      nodes: 999,
      cpusPerNode: 36,
      gpusPerNode: 0,
      maxNodes: 500,
    },
  ],
  associations: [{ account: 'physics', qos: ['normal'] }],
  hasAccounting: true,
  enforced: new Set(['associations', 'limits', 'qos']),
  arrayLimit: 1001,
};

const warnings = async (t: TestContext, yaml: string, answer: SchedulerAnswer): Promise<string[]> => {
  const { specification, study, expansion } = await checked(t, yaml);
  return told(batchWarnings(specification, study, stepRequests(study, expansion), answer));
};

const slurm = (changed: Partial<SlurmFacts> = {}): SchedulerAnswer => {
  return { kind: 'slurm', facts: { ...SLURM, ...changed } };
};

const SOUND = `
batch:
  type: slurm
  host: quartz
  bank: physics
  queue: pbatch
study:
  - name: sim
    description: d
    run:
      cmd: $(LAUNCHER) true
      nodes: 4
`;

test('a study that fits is not warned of', async (t) => {
  assert.deepEqual(await warnings(t, SOUND, slurm()), []);
});

test('what is wrong in the batch block is told once, at its key, whatever the number of steps', async (t) => {
  const yaml = `
batch:
  type: slurm
  host: quartz
  bank: phisics
  queue: pbach
study:
  - {name: a, description: d, run: {cmd: run, nodes: 1}}
  - {name: b, description: d, run: {cmd: "run $(N)", nodes: 2}}
  - {name: here, description: d, run: {cmd: run}}
global.parameters:
  N: {values: [1, 2, 3], label: N.%%}
`;
  assert.deepEqual(await warnings(t, yaml, slurm()), [
    "4:9: warning: you have no account 'phisics' on this Slurm; did you mean 'physics'?",
    "5:10: warning: Slurm has no partition 'pbach'; did you mean 'pbatch'?",
  ]);
});

test('what a step asks for is told at its own key, and once for all of its combinations', async (t) => {
  const yaml = `
batch: {type: slurm, host: quartz, bank: physics, queue: pdebug}
study:
  - name: sim
    description: d
    run:
      cmd: run $(S)
      nodes: $(N)
      walltime: 2h
  - name: long
    description: d
    run:
      cmd: run
      nodes: 501
      queue: pbatch
      walltime: 2h
global.parameters:
  N: {values: [4, 5, 5, 6], label: N.%%}
  S: {values: [1, 2, 3, 4], label: S.%%}
`;
  assert.deepEqual(await warnings(t, yaml, slurm()), [
    "7:14: warning: sim_N.5.S.2: 5 nodes are more than the 4 that a job may have in partition 'pdebug' (likewise 2 more of its combinations); ask for less, or for another queue",
    "8:17: warning: sim: a walltime of 02:00:00 is longer than the 01:00:00 of partition 'pdebug'; ask for less, or for another queue",
    "13:14: warning: long: 501 nodes are more than the 500 that a job may have in partition 'pbatch'; ask for less, or for another queue",
  ]);
});

test('nodes of the batch block are told there, and a key that nobody gave at the block', async (t) => {
  const yaml = `
batch:
  type: slurm
  host: quartz
  bank: physics
  nodes: 40
  queue: pdebug
study:
  - {name: sim, description: d, run: {cmd: run, procs: 4}}
`;
  const [warning, ...others] = await warnings(t, yaml, slurm());
  assert.match(warning ?? '', /^5:10: warning: 40 nodes are more than the 4 /);
  assert.deepEqual(others, []);
});

test('commands that are missing, and a scheduler that does not answer, are told at the type', async (t) => {
  assert.deepEqual(await warnings(t, SOUND, { kind: 'missing', commands: ['sbatch', 'squeue', 'scancel'] }), [
    "2:9: warning: sbatch, squeue and scancel are not in PATH, and no step can be submitted without them; start from a machine that has Slurm's commands",
  ]);
  assert.deepEqual(await warnings(t, SOUND, { kind: 'missing', commands: ['squeue'] }), [
    "2:9: warning: squeue is not in PATH, and no step can be submitted without it; start from a machine that has Slurm's commands",
  ]);
  assert.deepEqual(await warnings(t, SOUND, { kind: 'silent', words: 'sinfo took longer than 5 s' }), [
    '2:9: warning: Slurm did not answer, so the batch block was not checked: sinfo took longer than 5 s; steps wait until it answers',
  ]);
});

test('accounting that does not answer is told where it would have been asked', async (t) => {
  const [warning, ...others] = await warnings(t, SOUND, slurm({ associations: undefined }));
  assert.match(warning ?? '', /^4:9: warning: Slurm's accounting did not answer, so bank and qos were not/);
  assert.deepEqual(others, []);
  const unenforced = slurm({ associations: undefined, enforced: new Set() });
  assert.deepEqual(await warnings(t, SOUND, unenforced), []);
});

test('the queue of another scheduler is checked likewise', async (t) => {
  const yaml = SOUND.replace('type: slurm', 'type: pbs');
  assert.deepEqual(await warnings(t, yaml, { kind: 'queues', queues: ['workq'] }), [
    "5:10: warning: PBS has no queue 'pbatch'; there are workq",
  ]);
});

test('a scheduler is used where a step is scheduled', async (t) => {
  assert.equal(usesScheduler((await checked(t, SOUND)).study), true);
  assert.equal(usesScheduler((await checked(t, SOUND.replace('nodes: 4', 'gpus: 1'))).study), false);
  const local = 'study: [{name: a, description: d, run: {cmd: run, nodes: 1}}]';
  assert.equal(usesScheduler((await checked(t, local)).study), false);
});
