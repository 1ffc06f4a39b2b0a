import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Allocation } from '../../../../src/conductor/schedulers/scheduler.ts';
import { checkBatch } from '../../../../src/conductor/schedulers/slurm/check-batch.ts';
import type { SlurmFacts } from '../../../../src/conductor/schedulers/slurm/facts.ts';

const FACTS: SlurmFacts = {
  version: '22.05.8',
  cluster: 'c',
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
      nodes: 1000,
      cpusPerNode: 36,
      gpusPerNode: 4,
      maxSeconds: 86_400,
      maxNodes: 500,
    },
    { name: 'old', isDefault: false, isUp: false, nodes: 10, cpusPerNode: 8, gpusPerNode: 0, maxNodes: 10 },
  ],
  associations: [
    { account: 'physics', qos: ['normal', 'standby'] },
    { account: 'guests', partition: 'pdebug', qos: ['normal'] },
  ],
  hasAccounting: true,
  enforced: new Set(['associations', 'limits', 'qos']),
  arrayLimit: 1001,
};

for (const [what, allocation, warnings] of [
  [
    'what fits',
    { queue: 'pbatch', bank: 'physics', qos: 'standby', nodes: 500, walltimeSeconds: 86_400 },
    [],
  ],
  ['nothing', {}, []],
  ['a misspelt queue', { queue: 'pbach' }, ["queue: Slurm has no partition 'pbach'; did you mean 'pbatch'?"]],
  ['another queue', { queue: 'x' }, ["queue: Slurm has no partition 'x'; there are pdebug, pbatch, old"]],
  [
    'a queue that is down',
    { queue: 'old' },
    ["queue: partition 'old' is down: it starts no jobs; wait until it is up, or take another"],
  ],
  [
    'a misspelt bank',
    { bank: 'phisics' },
    ["bank: you have no account 'phisics' on this Slurm; did you mean 'physics'?"],
  ],
  [
    'a bank of another queue',
    { bank: 'guests', queue: 'pbatch' },
    ["bank: account 'guests' may not be used in partition 'pbatch'; it may in pdebug"],
  ],
  [
    'a qos of another bank',
    { bank: 'guests', qos: 'standby' },
    ["qos: you may not use the quality of service 'standby'; you have normal"],
  ],
  [
    'too many nodes',
    { nodes: 5 },
    [
      "nodes: 5 nodes are more than the 4 that a job may have in partition 'pdebug'; ask for less, or for another queue",
    ],
  ],
  [
    'too many procs',
    { nodes: 2, procs: 73 },
    [
      "procs: 73 procs are more than the 72 processors that a job may have in partition 'pdebug'; ask for less, for more nodes, or for another queue",
    ],
  ],
  [
    'too many cores',
    { procs: 8, coresPerTask: 36 },
    [
      "procs: 8 procs with 36 cores each are more than the 144 processors that a job may have in partition 'pdebug'; ask for less, for more nodes, or for another queue",
    ],
  ],
  [
    'gpus where there are none',
    { gpus: 1 },
    [
      "gpus: 1 gpu a node cannot be had in partition 'pdebug', whose nodes have none; ask for less, or for another queue",
    ],
  ],
  [
    'too many gpus',
    { queue: 'pdebug,pbatch', gpus: 5 },
    [
      "gpus: 5 gpus a node cannot be had in partition 'pdebug' and 'pbatch', whose nodes have at most 4; ask for less, or for another queue",
    ],
  ],
  [
    'too long',
    { walltimeSeconds: 3601 },
    [
      "walltime: a walltime of 01:00:01 is longer than the 01:00:00 of partition 'pdebug'; ask for less, or for another queue",
    ],
  ],
  [
    'days',
    { queue: 'pbatch', walltimeSeconds: 180_000 },
    [
      "walltime: a walltime of 2-02:00:00 is longer than the 1-00:00:00 of partition 'pbatch'; ask for less, or for another queue",
    ],
  ],
  ['one of two queues', { queue: 'pdebug,pbatch', nodes: 500, walltimeSeconds: 7200 }, []],
] as const satisfies readonly (readonly [string, Allocation, readonly string[]])[]) {
  test(`${what}: ${warnings.length === 0 ? 'no warning' : warnings[0]}`, () => {
    const told = checkBatch(FACTS, allocation).map(({ key, message, mend }) => `${key}: ${message}; ${mend}`);
    assert.deepEqual(told, warnings);
  });
}

test('what Slurm does not enforce, or does not tell of, is no mistake', () => {
  assert.deepEqual(checkBatch({ ...FACTS, associations: undefined }, { bank: 'x', qos: 'y' }), []);
  const lax = { ...FACTS, enforced: new Set<string>() };
  assert.deepEqual(checkBatch(lax, { bank: 'guests', queue: 'pbatch', qos: 'y' }), []);
  assert.deepEqual(checkBatch({ ...lax, associations: [] }, { bank: 'x' }), []);
});

test('an account that a user does not have is told of though it is not enforced', () => {
  const [warning] = checkBatch({ ...FACTS, enforced: new Set() }, { bank: 'phisics' });
  const message = "you have no account 'phisics' on this Slurm, which will run jobs all the same";
  assert.deepEqual(warning, { key: 'bank', message, mend: "did you mean 'physics'?" });
});

test('no default partition and none asked for', () => {
  const partitions = FACTS.partitions.slice(1);
  const [warning] = checkBatch({ ...FACTS, partitions }, {});
  assert.equal(warning?.message, 'no queue is given, and this Slurm has no default partition');
});
