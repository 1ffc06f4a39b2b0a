import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommandResult, RunCommand } from '../../../../src/conductor/schedulers/command.ts';
import { arrayLimitOf, enforcedBy, readConfig } from '../../../../src/conductor/schedulers/slurm/config.ts';
import {
  readAssociations,
  readPartitions,
  slurmFacts,
} from '../../../../src/conductor/schedulers/slurm/facts.ts';
import { recorded, resultOf } from './recorded.ts';

const answers: Readonly<Record<string, CommandResult>> = {
  sbatch: resultOf(recorded('facts-version')[0]!),
  scontrol: resultOf(recorded('facts-config')[0]!),
  sinfo: resultOf(recorded('facts-partitions')[0]!),
  sacctmgr: { kind: 'exited', code: 0, stdout: 'root||normal\n', stderr: '' },
};
const slurm =
  (changed: Readonly<Record<string, CommandResult>> = {}): RunCommand =>
  async ({ program }) =>
    changed[program] ?? answers[program]!;

test('the facts of a Slurm', async () => {
  const answer = await slurmFacts({ run: slurm(), user: 'root' });
  assert.deepEqual(answer, {
    kind: 'known',
    facts: {
      version: '22.05.8',
      cluster: 'private',
      partitions: [
        {
          name: 'debug',
          isDefault: true,
          isUp: true,
          nodes: 1,
          cpusPerNode: 8,
          gpusPerNode: 2,
          maxSeconds: 3600,
          maxNodes: 1,
        },
        {
          name: 'batch',
          isDefault: false,
          isUp: true,
          nodes: 1,
          cpusPerNode: 8,
          gpusPerNode: 2,
          maxNodes: 1,
        },
      ],
      associations: [{ account: 'root', qos: ['normal'] }],
      hasAccounting: true,
      enforced: new Set(),
      arrayLimit: 10001,
    },
  });
});

test('a Slurm that is not there, or does not answer, is told as such', async () => {
  const missing: CommandResult = { kind: 'unstarted', words: 'sbatch is not installed, or not in PATH' };
  const none = await slurmFacts({ run: slurm({ sbatch: missing }), user: 'root' });
  assert.deepEqual(none, { kind: 'unknown', words: 'sbatch is not installed, or not in PATH' });
  const stderr = 'slurm_load_ctl_conf error: Unable to contact slurm controller (connect failure)\n';
  const down = await slurmFacts({
    run: slurm({ scontrol: { kind: 'exited', code: 1, stdout: '', stderr } }),
    user: 'root',
  });
  assert.deepEqual([down.kind, down.kind === 'unknown' && down.installed], ['unknown', '22.05.8']);
});

test('accounts that cannot be asked for are unknown, not none', async () => {
  const broken: CommandResult = { kind: 'exited', code: 1, stdout: '', stderr: 'Connection refused' };
  const answer = await slurmFacts({ run: slurm({ sacctmgr: broken }), user: 'root' });
  assert.equal(answer.kind === 'known' && answer.facts.associations, undefined);
});

test('partitions of several kinds of nodes are put together', () => {
  const text =
    'big*|up|2-12:00:00|1-64|100|48|(null)\nbig*|up|2-12:00:00|1-64|20|64|gpu:a100:4(S:0-1),gpu:1g.5gb:7,nvme:1\nold|down|30:00|2|1.2K|8|gpu:2\n';
  assert.deepEqual(readPartitions(text), [
    {
      name: 'big',
      isDefault: true,
      isUp: true,
      nodes: 120,
      cpusPerNode: 64,
      gpusPerNode: 11,
      maxSeconds: 216_000,
      maxNodes: 64,
    },
    {
      name: 'old',
      isDefault: false,
      isUp: false,
      nodes: 1200,
      cpusPerNode: 8,
      gpusPerNode: 2,
      maxSeconds: 1800,
      maxNodes: 2,
    },
  ]);
});

test('associations with and without a partition', () => {
  assert.deepEqual(readAssociations('phys||normal,high\nchem|gpu|\n'), [
    { account: 'phys', qos: ['normal', 'high'] },
    { account: 'chem', partition: 'gpu', qos: [] },
  ]);
});

test('the array limit is the least of both bounds, and 1 where arrays are off', () => {
  const limit = (text: string) => arrayLimitOf(readConfig(text));
  assert.equal(limit('MaxArraySize            = 1001\nSchedulerParameters = (null)\n'), 1001);
  assert.equal(
    limit('MaxArraySize = 4000001\nSchedulerParameters = bf_continue,max_array_tasks=1000\n'),
    1000,
  );
  assert.equal(limit('MaxArraySize = 0\n'), 1);
  assert.equal(limit(''), undefined);
});

test('what accounting enforces', () => {
  assert.deepEqual(
    [...enforcedBy(readConfig('AccountingStorageEnforce = associations,limits,QOS\n'))],
    ['associations', 'limits', 'qos'],
  );
  assert.equal(enforcedBy(readConfig('AccountingStorageEnforce = none\n')).size, 0);
});
