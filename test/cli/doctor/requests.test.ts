import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepRequests } from '../../../src/cli/doctor/requests.ts';
import { checked } from './checked.ts';

test('steps that ask for the same are one request, and those that differ are counted each', async (t) => {
  const { study, expansion } = await checked(
    t,
    `
batch: {type: slurm, host: h, bank: b, queue: q}
study:
  - {name: mesh, description: d, run: {cmd: "echo $(SEED)"}}
  - {name: sim, description: d, run: {cmd: "run $(SEED)", nodes: $(NODES), depends: [mesh]}}
  - {name: plot, description: d, run: {cmd: plot, nodes: 1, depends: [sim_*]}}
global.parameters:
  NODES: {values: [1, 1, 2, 4], label: N.%%}
  SEED: {values: [1, 2, 3, 4], label: S.%%}
`,
  );
  const requests = stepRequests(study, expansion).map(({ template, text, count, of }) => {
    return [template.name, text.resources.nodes, count, of];
  });
  assert.deepEqual(requests, [
    ['mesh', undefined, 4, 4],
    ['sim', '1', 2, 4],
    ['sim', '2', 1, 4],
    ['sim', '4', 1, 4],
    ['plot', '1', 1, 1],
  ]);
});
