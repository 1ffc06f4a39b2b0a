import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import type { CommandResult, RunCommand } from '../../src/conductor/schedulers/command.ts';
import { createFluxScheduler } from '../../src/conductor/schedulers/flux/flux-scheduler.ts';
import { createLsfScheduler } from '../../src/conductor/schedulers/lsf/lsf-scheduler.ts';
import { createPbsScheduler } from '../../src/conductor/schedulers/pbs/pbs-scheduler.ts';
import type { JobReport, Scheduler, Submission } from '../../src/conductor/schedulers/scheduler.ts';
import { createSlurmScheduler } from '../../src/conductor/schedulers/slurm/slurm-scheduler.ts';
import type { Fuzzer } from './fuzzer.ts';
import { mutated } from './hostile-text.ts';

const RECORDED = new URL('../fixtures/recorded/', import.meta.url).pathname;

/** What has been heard of schedulers: whole recordings and single lines of them. */
function recorded(scheduler: 'slurm' | 'flux'): string[] {
  const directory = join(RECORDED, scheduler);
  const texts = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'));
  const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line.length > 3);
  return [...texts, ...lines];
}

const LSF = [
  'Job <7> is submitted to queue <normal>.\n',
  '7|RUN|-|-\n8|EXIT|3|TERM_RUNLIMIT: job killed after reaching LSF run time limit\n',
  '7|maestro-cafe-1\n',
  'Job <7> is not found\n',
  'Job <7>, Job Description <maestro-cafe-1>, User <u>\nMon Nov 22 10:00:00: Submitted from host <h>;\nMon Nov 22 10:01:00: Exited with exit code 3.\n',
];
const PBS = [
  '7.server\n',
  'Job Id: 7.server\n    job_state = F\n    Exit_status = 271\n    comment = Job run at Mon Nov 22\n\tand failed\n',
  '{"Jobs":{"7.server":{"job_state":"R","Exit_status":0,"stime":"Mon Nov 22 10:00:00 2026","Variable_List":{"MAESTRO_SUBMISSION":"maestro-cafe-1"}}}}',
  'qstat: Unknown Job Id 7.server\n',
];

type Make = (run: RunCommand) => Scheduler;

const SCHEDULERS: readonly {
  readonly name: string;
  readonly make: Make;
  readonly texts: () => readonly string[];
}[] = [
  {
    name: 'slurm',
    make: (run) => createSlurmScheduler({ run, uid: 1000, environment: {} }),
    texts: () => recorded('slurm'),
  },
  {
    name: 'flux',
    make: (run) => createFluxScheduler({ run, environment: {} }),
    texts: () => recorded('flux'),
  },
  { name: 'lsf', make: (run) => createLsfScheduler({ run, environment: {} }), texts: () => LSF },
  { name: 'pbs', make: (run) => createPbsScheduler({ run, user: 'u', environment: {} }), texts: () => PBS },
  {
    name: 'torque',
    make: (run) => createPbsScheduler({ run, user: 'u', flavour: 'torque', environment: {} }),
    texts: () => PBS,
  },
];

function results(texts: readonly string[]): fc.Arbitrary<CommandResult> {
  const text = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...texts) },
    { weight: 5, arbitrary: mutated(texts) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.constant('') },
  );
  return fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('exited' as const),
        code: fc.constantFrom(0, 0, 0, 1, 2, 35, 127, 255),
        stdout: text,
        stderr: fc.oneof(fc.constant(''), text),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'cut', words: 'it took too long' } as const) },
    { weight: 1, arbitrary: fc.constant({ kind: 'unstarted', words: 'there is none' } as const) },
  );
}

const JOBS = ['7', '8', '19_0', '19_1', '7.server', '123456789 local:///x'];

function checkReport(report: JobReport): void {
  assert.ok(['waiting', 'running', 'ended'].includes(report.kind));
  assert.equal(typeof report.words, 'string');
  if (report.kind === 'waiting') return;
  const times = report.kind === 'running' ? [report.startedAt] : [report.startedAt, report.endedAt];
  for (const time of times) assert.ok(time === undefined || Number.isFinite(time), `${time} is no time`);
  if (report.kind !== 'ended' || report.exit === undefined) return;
  const { exit } = report;
  assert.ok(Number.isSafeInteger('code' in exit ? exit.code : exit.signal), 'that is no exit');
}

/** Asks a scheduler everything there is to ask; it answers, whatever its commands say. */
async function interrogate(scheduler: Scheduler, offered: readonly Submission[]): Promise<void> {
  const limit = await scheduler.arrayLimit();
  assert.ok(limit >= 1, `${limit} is no limit`);
  const submissions = offered.filter(({ members }) => members.length <= limit);
  const answers = await scheduler.submit(submissions);
  assert.equal(answers.length, submissions.length);
  for (const [index, answer] of answers.entries()) {
    if (answer.kind !== 'accepted') assert.equal(typeof answer.words, 'string');
    else {
      assert.equal(answer.jobs.length, submissions[index]!.members.length);
      for (const job of answer.jobs) assert.ok(job.trim() !== '' && !job.includes('\n'), `'${job}' is no id`);
    }
  }
  const polled = await scheduler.poll(JOBS);
  if (polled.kind === 'answered') {
    for (const report of polled.value.values()) checkReport(report);
  }
  await scheduler.cancel(JOBS);
  const found = await scheduler.find(submissions);
  if (found.kind !== 'answered') return;
  for (const [id, jobs] of found.value) {
    const submission = submissions.find((each) => each.id === id);
    assert.equal(jobs.length, submission?.members.length);
  }
}

function submissionsIn(directory: string): Submission[] {
  const member = { token: 'cafe.0.1', name: 'run', workspace: directory, script: join(directory, 'run.sh') };
  return [1, 2].map((count) => {
    const file = join(directory, `maestro-cafe-${count}.sh`);
    writeFileSync(file, '#!/bin/sh\n');
    const members = Array.from({ length: count }, (_, index) => ({ ...member, token: `cafe.${index}.1` }));
    return { id: `maestro-cafe-${count}`, file, directory, members, allocation: { procs: 1 } };
  });
}

/** For each scheduler: its commands say anything. */
export const hearingSchedulers: readonly Fuzzer[] = SCHEDULERS.map(({ name, make, texts }) => ({
  name: `what the commands of ${name} say`,
  runs: 150,
  open: () => {
    const directory = mkdtempSync(join(tmpdir(), 'maestro-fuzz-scheduler-'));
    const submissions = submissionsIn(directory);
    return {
      property: fc.asyncProperty(fc.array(results(texts()), { minLength: 1, maxLength: 8 }), async (said) => {
        let calls = 0;
        await interrogate(
          make(async () => said[calls++ % said.length]!),
          submissions,
        );
      }),
      clean: () => rmSync(directory, { recursive: true }),
    };
  },
}));
