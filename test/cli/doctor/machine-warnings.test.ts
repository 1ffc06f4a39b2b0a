import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type LocalMeans, machineWarnings } from '../../../src/cli/doctor/machine-warnings.ts';
import { stepRequests } from '../../../src/cli/doctor/requests.ts';
import { checked, told } from './checked.ts';

const MEANS: LocalMeans = {
  cores: 8,
  gpus: 0,
  hasProgram: (name) => ['/bin/bash', 'mpiexec'].includes(name),
};

const warnings = async (t: TestContext, yaml: string, means = MEANS): Promise<string[]> => {
  const { specification, study, expansion } = await checked(t, yaml);
  return told(machineWarnings(specification, study, stepRequests(study, expansion), means));
};

test('steps that fit this machine are not warned of', async (t) => {
  const yaml = `
batch: {type: local, launcher: "mpiexec -n {procs}"}
study:
  - {name: a, description: d, run: {cmd: $(LAUNCHER) run, procs: 8}}
`;
  assert.deepEqual(await warnings(t, yaml), []);
});

test('more cores and gpus than there are', async (t) => {
  const yaml = `
study:
  - name: sim
    description: d
    run:
      cmd: run
      procs: $(P)
      cores per task: 4
      gpus: 1
global.parameters:
  P: {values: [1, 2, 3], label: P.%%}
`;
  assert.deepEqual(await warnings(t, yaml), [
    '6:14: warning: sim_P.3: it asks for 12 cores, and this machine gives 8 to a study; it will run alone, on these',
    '8:13: warning: sim: it asks for 1 gpu, and this machine gives 0 to a study; it will run without',
  ]);
});

test('the launcher of a local study must be there if it is used', async (t) => {
  const yaml = (cmd: string) => `
batch:
  type: local
  launcher: mpirun -n {procs}
study:
  - {name: a, description: d, run: {cmd: ${cmd}, procs: 2}}
`;
  assert.deepEqual(await warnings(t, yaml('$(LAUNCHER) run')), [
    '3:13: warning: mpirun is not in PATH; install it, or load it in cmd before it is used',
  ]);
  assert.deepEqual(await warnings(t, yaml('run')), []);
});

test('the shell of the scripts is a program by its whole path', async (t) => {
  const yaml = (shell: string) => `
batch: {type: local, shell: ${shell}}
study: [{name: a, description: d, run: {cmd: run}}]
`;
  const message = (shell: string, column: number) =>
    `1:${column}: warning: there is no program ${shell}, which is to run the steps; name a program by its whole path, such as /bin/bash`;
  assert.deepEqual(await warnings(t, yaml('/bin/bash')), []);
  assert.deepEqual(await warnings(t, yaml('/bin/fish -l')), [message('/bin/fish', 29)]);
  assert.deepEqual(await warnings(t, yaml('mpiexec')), [message('mpiexec', 29)]);
});

test('of a scheduled study only the steps that run here are held against this machine', async (t) => {
  const yaml = `
batch: {type: slurm, host: h, bank: b, queue: q}
study:
  - {name: far, description: d, run: {cmd: run, procs: 64, gpus: 4}}
  - {name: near, description: d, run: {cmd: run, gpus: 1, depends: [far]}}
`;
  const [warning, ...others] = await warnings(t, yaml);
  assert.match(warning ?? '', /^4:\d+: warning: near: it asks for 1 gpu/);
  assert.deepEqual(others, []);
});
