import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { makePlace, type Place } from '../../e2e/harness.ts';

/** Puts programs where they are found first. */
function install(place: Place, scripts: Readonly<Record<string, string>>): Record<string, string> {
  mkdirSync(place.path('bin'), { recursive: true });
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(place.path('bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(place.path('bin', name), 0o755);
  }
  return { PATH: `${place.path('bin')}:${process.env.PATH}` };
}

/** A Slurm of two partitions, as its commands answer; one line of a script each. */
const SLURM = {
  sbatch: 'echo slurm-wlm 22.05.8',
  squeue: 'exit 0',
  scancel: 'exit 0',
  scontrol: 'echo "ClusterName = quartz"',
  sinfo: 'echo "pdebug*|up|1:00:00|1-4|16|36|(null)"; echo "pbatch|up|infinite|1-500|999|36|(null)"',
};

const batch = { type: 'slurm', host: 'quartz', bank: 'physics', queue: 'pdebug' };
const long = { name: 'long', cmd: 'true', nodes: 1, walltime: '2h' };
const LONG_WARNING =
  /^study\.yaml:\d+:\d+: warning: long: a walltime of 02:00:00 is longer than the 01:00:00 of partition 'pdebug'; ask for less, or for another queue$/m;

/** Runs a command beside its specification, so that it is told by its name. */
const inPlace = (place: Place, args: readonly string[], env: Readonly<Record<string, string>>) =>
  place.maestro([...args, 'study.yaml'], { env });

test('without a specification the machine is told, and all is well', async (t) => {
  const place = makePlace(t);
  const { code, stdout, stderr } = await place.maestro(['doctor'], { env: install(place, SLURM) });
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^maestro \d+\.\d+\.\d+ · node \d/);
  assert.match(stdout, / ✓ Slurm +22\.05\.8 +cluster quartz · no accounting · no arrays$/m);
  assert.match(stdout, /^ +pbatch +999 nodes of 36 cores · at most 500 a job · no time limit$/m);
  assert.match(stdout, / ✓ git +\d/);
});

test('a specification that asks for too much is told where, and is not well', async (t) => {
  const place = makePlace(t);
  place.specification([{ name: 'near', cmd: 'true' }, long], { batch });
  const { code, stdout, stderr } = await inPlace(place, ['doctor'], install(place, SLURM));
  assert.equal(code, 1);
  assert.match(stderr, LONG_WARNING);
  assert.equal(stderr.trimEnd().split('\n').length, 1);
  assert.match(stdout, /^study\.yaml: 2 steps, 1 of them through Slurm; 1 warning$/m);
});

test('a specification that fits is well', async (t) => {
  const place = makePlace(t);
  place.specification([{ ...long, walltime: '30m' }], { batch });
  const { code, stdout, stderr } = await inPlace(place, ['doctor'], install(place, SLURM));
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^study\.yaml: 1 step, 1 of them through Slurm; nothing stands against it here$/m);
});

test('a specification with mistakes is told as validate does, after the machine', async (t) => {
  const place = makePlace(t);
  place.specification([{ name: 'a', cmd: 'true', depends: ['b'] }]);
  const { code, stdout, stderr } = await inPlace(place, ['doctor'], {});
  assert.equal(code, 1);
  assert.match(stderr, /^study\.yaml:\d+:\d+: .*\bb\b/);
  assert.match(stdout, /This machine[\s\S]*\nstudy\.yaml: not valid\n$/);
});

test('as JSON: one object, with what is wrong in it', async (t) => {
  const place = makePlace(t);
  place.specification([long], { batch });
  const { code, stdout, stderr } = await inPlace(place, ['doctor', '--json'], install(place, SLURM));
  assert.deepEqual([code, stderr], [1, '']);
  const { isWell, schedulers, specification } = JSON.parse(stdout);
  assert.equal(isWell, false);
  assert.equal(schedulers[0].partitions[1].name, 'pbatch');
  assert.deepEqual([specification.isValid, specification.steps, specification.scheduled], [true, 1, 1]);
  assert.equal(specification.diagnostics[0].severity, 'warning');
});

test('a generator that fails is told, and the machine all the same', async (t) => {
  const place = makePlace(t);
  place.specification([{ name: 'a', cmd: 'echo $(X)' }]);
  const { code, stdout, stderr } = await inPlace(place, ['doctor', '--pgen', 'none.py'], {});
  assert.equal(code, 1);
  assert.match(stderr, /^error: .*none\.py: there is no such generator/);
  assert.match(stdout, /study\.yaml: not valid\n$/);
});

test('run warns of what the scheduler would refuse before it asks, and not for a dry run', async (t) => {
  const place = makePlace(t);
  place.specification([long], { batch });
  const env = install(place, SLURM);
  const declined = await inPlace(place, ['run', '-n', '-o', 'out'], env);
  assert.equal(declined.code, 0);
  assert.match(declined.stderr, LONG_WARNING);
  assert.ok(!existsSync(place.path('out')));
  const dry = await inPlace(place, ['run', '--dry', '-y', '-o', 'out'], env);
  assert.deepEqual([dry.code, dry.stderr], [0, '']);
});

test('run asks no scheduler for a study without one', async (t) => {
  const place = makePlace(t);
  place.specification([{ name: 'here', cmd: 'true' }], { batch });
  const asked = place.path('asked');
  const tell = `: >'${asked.replaceAll("'", `'\\''`)}'`;
  const env = install(place, Object.fromEntries(Object.keys(SLURM).map((name) => [name, tell])));
  const { code, stderr } = await inPlace(place, ['run', '-n'], env);
  assert.deepEqual([code, stderr], [0, '']);
  assert.ok(!existsSync(asked));
});

test('a scheduler that hangs holds up no run: it is told, and the run goes on', async (t) => {
  const place = makePlace(t);
  place.specification([long], { batch });
  // Sites put scripts before sinfo: one that hangs in what it has started, which reads what nobody writes.
  execFileSync('mkfifo', [place.path('gate')]);
  const env = install(place, { ...SLURM, sinfo: 'cat gate; exit' });
  const { code, stderr } = await inPlace(place, ['run', '-n'], env);
  assert.equal(code, 0);
  assert.match(
    stderr,
    /Slurm did not answer, so the batch block was not checked: sinfo took longer than 5 s/,
  );
});
