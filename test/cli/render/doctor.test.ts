import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Examination } from '../../../src/cli/doctor/examination.ts';
import type { Presence } from '../../../src/cli/doctor/presence.ts';
import { PROGRAMS } from '../../../src/cli/doctor/programs.ts';
import { doctorLines, verdictText } from '../../../src/cli/render/doctor.ts';
import { examinationJson } from '../../../src/cli/render/doctor-json.ts';
import { createTheme } from '../../../src/cli/render/theme.ts';
import { widthOf } from '../../../src/cli/render/width.ts';
import { fakeStudy } from '../../fakes/graphs.ts';

/** A machine on which only these programs are. */
function examination(
  present: Readonly<Record<string, Presence>>,
  rest: Partial<Examination> = {},
): Examination {
  return {
    programs: PROGRAMS.map((program) => {
      return { program, presence: present[program.name] ?? { kind: 'missing' } };
    }),
    schedulers: [],
    machine: {
      host: 'quartz7',
      cores: 36,
      gpus: 0,
      runner: 'native',
      runnerMend: undefined,
      directory: '/p/lustre/jane/heat',
      fileSystem: 'lustre',
      journal: 'rollback',
    },
    ...rest,
  };
}

const page = (found: Examination, width?: number): string[] => [
  ...doctorLines(found, { theme: createTheme(false), width }),
];

const SLURM: Examination['schedulers'][number] = {
  type: 'slurm',
  answer: {
    kind: 'slurm',
    facts: {
      version: '22.05.8',
      cluster: 'quartz',
      partitions: [
        {
          name: 'pdebug',
          isDefault: true,
          isUp: true,
          nodes: 1,
          cpusPerNode: 36,
          gpusPerNode: 0,
          maxSeconds: 3600,
          maxNodes: 1,
        },
        {
          name: 'pbatch',
          isDefault: false,
          isUp: false,
          nodes: 2988,
          cpusPerNode: 36,
          gpusPerNode: 4,
          maxNodes: 1200,
        },
      ],
      associations: [{ account: 'physics', qos: ['normal'] }],
      hasAccounting: true,
      enforced: new Set(['associations']),
      arrayLimit: 1001,
    },
  },
};

test('a page of a machine with Slurm, in 80 columns', () => {
  const found = examination(
    {
      Slurm: { kind: 'present', version: '22.05.8' },
      srun: { kind: 'present', version: '22.05.8' },
      podman: { kind: 'silent', words: 'podman took longer than 5 s' },
      git: { kind: 'present', version: '2.39.5' },
    },
    { schedulers: [SLURM] },
  );
  const [, ...lines] = page(found, 80);
  assert.equal(
    lines.join('\n'),
    `
Schedulers
  ✓ Slurm         22.05.8   cluster quartz · your banks: physics · arrays of up
                            to 1,001
      pdebug      1 node of 36 cores · up to 1h · default
      pbatch      2,988 nodes of 36 cores and 4 gpus · at most 1,200 a job · no
                  time limit · down
  – not found     Flux, LSF, PBS

Launchers
  ✓ srun          22.05.8   $(LAUNCHER) where the batch type is slurm
  – not found     flux run, jsrun, mpiexec, mpirun

Containers
  ! podman        ?         podman took longer than 5 s
  – not found     docker, apptainer, singularity, ch-run, bwrap, crun

This machine
  ✓ cores         36        for the steps of a study on quartz7
  – gpus          0
  ✓ step runner   native    starts steps
  ✓ journal       rollback  /p/lustre/jane/heat is on lustre, which other hosts
                            may share

Tools
  ✓ git           2.39.5    fetches git dependencies
  – not found     python3`,
  );
});

test('a scheduler that does not answer, or lacks a command, is marked', () => {
  const present = { Slurm: { kind: 'present', version: '22.05.8' } } as const;
  const line = (answer: Examination['schedulers'][number]['answer']) =>
    page(examination(present, { schedulers: [{ type: 'slurm', answer }] })).find((each) =>
      / Slurm /.test(each),
    );
  assert.match(
    line({ kind: 'silent', words: 'connect failure' }) ?? '',
    /^ {2}! Slurm .* does not answer: connect failure$/,
  );
  assert.match(
    line({ kind: 'missing', commands: ['squeue', 'scancel'] }) ?? '',
    /! Slurm .* squeue, scancel not in PATH$/,
  );
});

test('the shell worker comes with how to build the native runner', () => {
  const { machine } = examination({});
  const shell = {
    ...machine,
    runner: 'shell',
    runnerMend: '`npm run install` builds the native one',
  } as const;
  const lines = page(examination({}, { machine: shell }));
  assert.ok(
    lines.some((line) =>
      /! step runner .*a little slower; `npm run install` builds the native one$/.test(line),
    ),
    lines.join('\n'),
  );
});

test('no line is wider than the terminal, whatever programs say', () => {
  const words = fc.string({
    unit: fc.constantFrom('a', ' ', 'é', '表', '/', '\n', '\u001b'),
    maxLength: 200,
  });
  fc.assert(
    fc.property(words, fc.integer({ min: 60, max: 120 }), (text, width) => {
      const found = examination(
        { mpirun: { kind: 'silent', words: text } },
        { schedulers: [{ type: 'lsf', answer: { kind: 'silent', words: text } }] },
      );
      for (const line of page(found, width)) {
        assert.ok(widthOf(line) <= width, line);
        assert.ok(!/\p{Cc}/u.test(line), JSON.stringify(line));
      }
    }),
  );
});

test('the verdict on a study', () => {
  const { study } = fakeStudy([{ steps: 12 }]);
  const warning = {
    severity: 'warning',
    at: { file: 'f', line: 1, column: 1 },
    message: 'm',
    mend: 'n',
  } as const;
  assert.equal(verdictText('a.yaml', undefined, undefined), 'a.yaml: not valid');
  assert.equal(
    verdictText('a.yaml', study, { steps: 1, scheduled: 0, warnings: [] }),
    'a.yaml: 1 step; nothing stands against it here',
  );
  assert.equal(
    verdictText('a.yaml', study, { steps: 12, scheduled: 0, warnings: [warning] }),
    'a.yaml: 12 steps; 1 warning',
  );
  const scheduled = { ...study, batch: { ...study.batch, type: 'slurm' } } as const;
  assert.equal(
    verdictText('a.yaml', scheduled, { steps: 12, scheduled: 10, warnings: [warning, warning] }),
    'a.yaml: 12 steps, 10 of them through Slurm; 2 warnings',
  );
});

test('the JSON has every program with its state, and what schedulers say', () => {
  const flux = { type: 'flux', answer: { kind: 'queues', queues: undefined } } as const;
  const found = examination(
    { git: { kind: 'present', version: '2.39.5' } },
    { schedulers: [SLURM, flux, { type: 'lsf', answer: { kind: 'missing', commands: ['bsub'] } }] },
  );
  const told = JSON.parse(JSON.stringify(examinationJson(found)));
  assert.deepEqual(told.programs.at(-1), { kind: 'tool', name: 'git', state: 'present', version: '2.39.5' });
  assert.equal(told.programs.length, PROGRAMS.length);
  assert.deepEqual(told.schedulers.slice(1), [
    { type: 'flux', state: 'answers', queues: null },
    { type: 'lsf', state: 'missing', commands: ['bsub'] },
  ]);
  assert.deepEqual(told.schedulers[0].enforced, ['associations']);
  assert.equal(told.schedulers[0].partitions[1].maxNodes, 1200);
  assert.equal(told.machine.journal, 'rollback');
});
