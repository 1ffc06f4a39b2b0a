import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import type { QueueConfig } from '../../../../src/orchestra/server/config/config.ts';
import { watchSchedulers } from '../../../../src/orchestra/server/engine/scheduler-watch.ts';
import { until } from '../../../e2e/until.ts';
import { handClock } from '../../../fakes/hand-clock.ts';
import { temporaryCluster } from '../temporary-cluster.ts';

const SLURM: QueueConfig = { name: 'far', slots: 2, batch: { type: 'slurm' } };
const HERE: QueueConfig = { name: 'here', slots: 2 };

/** Commands of a scheduler that say what they are told to. */
function commands(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-scheduler-'));
  const path = process.env.PATH;
  process.env.PATH = `${directory}:${path}`;
  t.after(() => {
    process.env.PATH = path;
    rmSync(directory, { recursive: true });
  });
  return (name: string, script: string): void => {
    writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(directory, name), 0o755);
  };
}

it('a scheduler that is down troubles its queue, until it answers again', async (t) => {
  const say = commands(t);
  const temporary = temporaryCluster();
  t.after(() => temporary.remove());
  const clock = handClock();
  say('scontrol', 'echo "Slurmctld(primary) at head is DOWN"');
  const watch = watchSchedulers({ clock, config: { ...temporary.config, queues: [SLURM, HERE] } });
  t.after(() => watch.close());
  await until('it was asked', () => watch.troubleOf(SLURM) !== undefined);
  assert.equal(
    watch.troubleOf(SLURM),
    'its scheduler does not answer (scontrol ping: Slurmctld(primary) at head is DOWN)',
  );
  assert.equal(watch.troubleOf(HERE), undefined);
  say('scontrol', 'echo "Slurmctld(primary) at head is UP"');
  await clock.advance(60_000);
  await until('it is well again', () => watch.troubleOf(SLURM) === undefined);
});

it('a scheduler of which there is no command is told of', async (t) => {
  const temporary = temporaryCluster();
  t.after(() => temporary.remove());
  const queue: QueueConfig = { name: 'far', slots: 2, batch: { type: 'lsf' } };
  const watch = watchSchedulers({ clock: handClock(), config: { ...temporary.config, queues: [queue] } });
  t.after(() => watch.close());
  await until('it was asked', () => watch.troubleOf(queue) !== undefined);
  assert.equal(watch.troubleOf(queue), 'its scheduler cannot be asked (lsid is not installed here)');
});
