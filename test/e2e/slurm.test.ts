import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { PrivateSlurm, whyNoSlurm } from '../conductor/schedulers/slurm/private-slurm.ts';
import { makePlace, type Place, type StepOfTest } from './harness.ts';
import { until } from './until.ts';

const BATCH = { batch: { type: 'slurm', host: 'here', bank: 'root', queue: 'debug' } };
const RUNS = 12;

/** A study of all kinds of steps: local ones, an array, single jobs, a funnel. Each run leaves a line. */
function studyOf(place: Place): string {
  const note = (what: string): string => `echo "${what}" >> ${quoted(place.path('ran.txt'))}`;
  const steps: StepOfTest[] = [
    { name: 'here', cmd: note('here') },
    { name: 'work', cmd: `${note('work $(I)')}\n$(LAUNCHER) true\n`, procs: 1, nodes: 1, depends: ['here'] },
    { name: 'alone', cmd: note('alone'), procs: 2, depends: ['here'] },
    {
      name: 'gather',
      cmd: `${note('gather')}\nls "$(work.workspace)"\n`,
      nodes: 1,
      depends: ['work_*', 'alone'],
    },
  ];
  const values = Array.from({ length: RUNS }, (_, index) => index);
  return place.specification(steps, { ...BATCH, 'global.parameters': { I: { values, label: 'I.%%' } } });
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function ranIn(place: Place): string[] {
  return readFileSync(place.path('ran.txt'), 'utf8').trimEnd().split('\n').sort();
}

function expectedLines(): string[] {
  return ['alone', 'gather', 'here', ...Array.from({ length: RUNS }, (_, index) => `work ${index}`)].sort();
}

for (const accounting of [true, false]) {
  const missing = whyNoSlurm({ accounting });
  describe(`a study through Slurm, ${accounting ? 'with' : 'without'} accounting`, {
    skip: missing ?? false,
  }, () => {
    let slurm: PrivateSlurm;
    before(async () => {
      slurm = await PrivateSlurm.start({ accounting });
    });
    after(() => slurm.close());

    const environment = (): Record<string, string> =>
      Object.fromEntries(
        Object.entries(slurm.environment).flatMap(([key, value]) =>
          value === undefined ? [] : [[key, value]],
        ),
      );

    it('runs every kind of step once, alike ones as an array', async (t) => {
      const place = makePlace(t);
      const { code, stderr } = await place.maestro(
        ['run', '-y', '--fg', '-s', '1', '-o', 'out', studyOf(place)],
        { env: environment() },
      );
      const study = place.study();
      assert.equal(code, 0, `${stderr}\n${study.log()}`);
      assert.deepEqual(ranIn(place), expectedLines());
      const jobs = study.attempts('work_I.3').map(({ job }) => job);
      assert.match(String(jobs), /^\d+_\d+$/, 'a member of an array has an id of its own');
      assert.equal(study.count('FINISHED'), RUNS + 3);
    });

    it('loses and doubles nothing when the conductor is killed between sbatch and the record of its answer', async (t) => {
      const place = makePlace(t);
      const bin = place.path('bin');
      const flag = place.path('killed');
      mkdirSync(bin);
      // The job is queued, the conductor dies, and nobody hears the answer.
      const sbatch = [
        '#!/bin/sh',
        'answer=$(PATH=${PATH#*:} sbatch "$@") || exit',
        'case " $* " in *" --parsable "*) ;; *) echo "$answer"; exit ;; esac',
        `if mkdir ${quoted(flag)} 2>/dev/null; then`,
        '  victim=$PPID',
        '  until grep -q ^conductor "/proc/$victim/cmdline"; do',
        '    victim=$(ps -o ppid= -p "$victim" | tr -d " ")',
        '  done',
        '  kill -9 "$victim"',
        'fi',
        'echo "$answer"',
      ];
      writeFileSync(`${bin}/sbatch`, `${sbatch.join('\n')}\n`);
      chmodSync(`${bin}/sbatch`, 0o755);
      const env = { ...environment(), PATH: `${bin}:${process.env.PATH ?? ''}` };
      const study = await place.launch(studyOf(place), ['-s', '1'], { env });
      const first = study.conductor();
      await until('the conductor has been killed', () => existsSync(flag) && !alive(first));
      const { code, stderr } = await place.maestro(['resume', 'out'], { env });
      assert.equal(code, 0, stderr);
      await until(
        'the study has ended',
        () => study.outcome(),
        () => study.log(),
      );
      assert.equal(study.outcome(), 'finished', study.log());
      assert.deepEqual(ranIn(place), expectedLines());
    });

    it('cancels queued and running jobs', async (t) => {
      const place = makePlace(t);
      const steps = [{ name: 'long', cmd: 'sleep 600', nodes: 1, exclusive: true }];
      const values = { I: { values: [1, 2, 3], label: 'I.%%' } };
      const spec = place.specification(
        steps.map((step) => ({ ...step, cmd: `${step.cmd} # $(I)` })),
        { ...BATCH, 'global.parameters': values },
      );
      const study = await place.launch(spec, ['-s', '1'], { env: environment() });
      await until('one of them runs', () => study.count('RUNNING') > 0);
      await place.maestro(['cancel', '-y', 'out'], { env: environment() });
      await until(
        'the study has ended',
        () => study.outcome(),
        () => study.log(),
      );
      assert.equal(study.count('CANCELLED'), 3);
      await until('the queue is empty', async () => (await slurm.command('squeue', '--noheader')) === '');
    });

    it('tells of a refusal with Slurm’s words and the step', async (t) => {
      const place = makePlace(t);
      const spec = place.specification([{ name: 'wide', cmd: 'true', nodes: 999 }], BATCH);
      const { code } = await place.maestro(['run', '-y', '--fg', '-s', '1', '-o', 'out', spec], {
        env: environment(),
      });
      assert.equal(code, 2);
      const study = place.study();
      assert.match(
        study.log(),
        /wide: PENDING -> FAILED \(not accepted: .*More processors requested than permitted/,
      );
    });
  });
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
