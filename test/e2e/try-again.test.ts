import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { startFakePbs } from '../fakes/cluster/fake-pbs.ts';
import { makePlace, signal } from './harness.ts';
import type { StudyUnderTest } from './study-under-test.ts';

const LOCAL = { batch: { type: 'local', cores: 4, shell: '/bin/sh' } };

/** Fails with this exit code until it has been tried so often. */
const failing = (code: number, tries: number): string =>
  `echo x >> tries\n[ "$(wc -l < tries)" -ge ${tries} ] || exit ${code}`;

/** How long after the end of each attempt the next one was made, in milliseconds. */
function pausesOf(study: StudyUnderTest, step: string): number[] {
  const attempts = study.attempts(step);
  return attempts.slice(1).map(({ submittedAt }, index) => submittedAt - attempts[index]!.endedAt!);
}

describe('a step that says when it is tried again', { concurrency: 2 }, () => {
  test('is, after the ends that it names and after its pauses; others are not', async (t) => {
    const place = makePlace(t);
    const file = place.specification(
      [
        { name: 'named', cmd: failing(75, 3), retry: { attempts: 3, backoff: '200ms', on: [75] } },
        { name: 'other', cmd: failing(3, 2), retry: { on: [75] } },
        { name: 'default', cmd: failing(3, 2) },
        { name: 'after', cmd: 'true', depends: ['named', 'default'] },
      ],
      { batch: { ...LOCAL.batch, retry: { attempts: 2 } } },
    );
    const { code } = await place.maestro(['run', '-y', '-fg', '-o', 'out', file]);
    const study = place.study();
    assert.equal(code, 2, study.log());
    assert.deepEqual(
      ['named', 'other', 'default', 'after'].map((name) => [
        study.stateOf(name),
        study.attempts(name).length,
      ]),
      [
        ['FINISHED', 3],
        ['FAILED', 1],
        ['FINISHED', 2],
        ['FINISHED', 1],
      ],
    );
    const [first, second] = pausesOf(study, 'named');
    assert.ok(first! >= 200 && second! >= 400, `${first} and ${second}`);
    assert.match(study.log(), /named: FAILED -> INITIALIZED \(try 3 of 3, in 0\.4 s\)/);
    const { stdout } = await place.maestro(['explain', 'out', 'other']);
    assert.match(stdout, /Its retry is for exit code 75, so it is not tried again\./);
  });

  test('has a longer walltime with each try', async (t) => {
    const place = makePlace(t);
    const cmd = 'echo x >> tries\n[ "$(wc -l < tries)" -ge 2 ] || while true; do sleep 0.05; done\nsleep 0.6';
    const retry = { attempts: 2, on: ['TIMEDOUT'], grow: { walltime: 10 } };
    const file = place.specification([{ name: 'slow', cmd, walltime: '400ms', retry }], LOCAL);
    const { code } = await place.maestro(['run', '-y', '-fg', '-o', 'out', file]);
    const study = place.study();
    assert.equal(code, 0, study.log());
    assert.deepEqual(
      study.attempts('slow').map(({ outcome, growth }) => [outcome, growth]),
      [
        ['TIMEDOUT', 0],
        ['FINISHED', 1],
      ],
    );
  });

  test('waits out its pause though the conductor dies in it, and says what it waits for', async (t) => {
    const place = makePlace(t);
    const steps = [{ name: 'patient', cmd: failing(1, 2), retry: { attempts: 2, backoff: '4s' } }];
    const study = await place.launch(place.specification(steps, LOCAL));
    await study.until('it waits', () => study.rows()[0]!.notBefore !== null);
    signal(study.conductor(), 'SIGKILL');
    const { notBefore } = study.rows()[0]!;
    const status = await place.maestro(['status', 'out']);
    assert.match(status.stdout, /1 step waits to be tried again, until \d\d:\d\d:\d\d/);
    const explained = await place.maestro(['explain', 'out', 'patient']);
    assert.match(explained.stdout, /It waits to be tried again: try 2 of 2, in 4 s\./);
    const { code, stderr } = await place.maestro(['resume', 'out']);
    assert.equal(code, 0, stderr);
    assert.equal(await study.untilEnded(), 'finished');
    const [first, second] = study.attempts('patient');
    assert.equal(notBefore, first!.endedAt! + 4000);
    assert.ok(second!.submittedAt >= notBefore!, `${second!.submittedAt} is before ${notBefore}`);
  });

  test('asks its scheduler for more with each job', async (t) => {
    const place = makePlace(t);
    const directory = place.path('scheduler');
    mkdirSync(directory);
    const fake = await startFakePbs({ directory });
    t.after(async () => {
      await fake.server.takeDown();
      await fake.cluster.stop();
    });
    const { PATH = '', FAKE_SCHEDULER_DIR = '' } = fake.server.environment(process.env);
    const run = { procs: 1, walltime: '0:10:00', args: { mem: '1gb' } };
    const retry = { attempts: 3, grow: { walltime: 1.5, memory: 2 } };
    const file = place.specification([{ name: 'job', cmd: failing(9, 3), ...run, retry }], {
      batch: { type: 'pbs', queue: 'q' },
    });
    const env = { PATH, FAKE_SCHEDULER_DIR };
    const { code } = await place.maestro(['run', '-y', '-fg', '-s', '1', '-o', 'out', file], { env });
    const study = place.study();
    assert.equal(code, 0, study.log());
    const jobs = study.path('.maestro', 'jobs');
    const asked = readdirSync(jobs)
      .filter((name) => name.endsWith('.sh'))
      .map((name) =>
        readFileSync(`${jobs}/${name}`, 'utf8')
          .match(/^#PBS -l (?:walltime|mem)=.*$/gm)!
          .join(),
      )
      .sort();
    assert.deepEqual(asked, [
      '#PBS -l walltime=00:10:00,#PBS -l mem=1gb',
      '#PBS -l walltime=00:15:00,#PBS -l mem=2gb',
      '#PBS -l walltime=00:22:30,#PBS -l mem=4gb',
    ]);
  });
});
