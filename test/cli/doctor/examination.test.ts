import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { examine, LOCAL_BATCH } from '../../../src/cli/doctor/examination.ts';
import { programFile } from '../../../src/cli/doctor/program-file.ts';
import type { Command, CommandResult } from '../../../src/conductor/schedulers/command.ts';
import { scratch } from './checked.ts';

/** A directory of programs to be found, which are never run, and what they would answer. */
function world(t: TestContext, answers: Readonly<Record<string, string | CommandResult>>) {
  const directory = scratch(t);
  for (const line of Object.keys(answers)) {
    const file = join(directory, line.split(' ')[0]!);
    writeFileSync(file, '');
    chmodSync(file, 0o755);
  }
  const asked: Command[] = [];
  const run = async (command: Command): Promise<CommandResult> => {
    asked.push(command);
    const answer = answers[[command.program, ...command.args].join(' ')] ?? answers[command.program];
    if (typeof answer !== 'string') return answer ?? { kind: 'unstarted', words: 'unexpected' };
    return { kind: 'exited', code: 0, stdout: answer, stderr: '' };
  };
  return { asked, run, environment: { PATH: `/nonexistent:${directory}` } };
}

test('only what is on the PATH is asked, and each within a time limit and in plain English', async (t) => {
  const here = world(t, { git: 'git version 2.39.5', python3: { kind: 'cut', words: 'python3 hung' } });
  const { programs, schedulers } = await examine(LOCAL_BATCH, scratch(t), here);
  const found = programs.filter(({ presence }) => presence.kind !== 'missing');
  assert.deepEqual(
    found.map(({ program, presence }) => [program.name, presence]),
    [
      ['python3', { kind: 'silent', words: 'python3 hung' }],
      ['git', { kind: 'present', version: '2.39.5' }],
    ],
  );
  assert.deepEqual(schedulers, []);
  assert.deepEqual(here.asked.map(({ program }) => program).sort(), ['git', 'python3']);
  for (const { environment, limitMs } of here.asked) {
    assert.equal(environment.LC_ALL, 'C');
    assert.ok(limitMs <= 5_000);
  }
});

test('the scheduler of a batch block is told of even where it is not there', async (t) => {
  const batch = { ...LOCAL_BATCH, type: 'lsf' } as const;
  const { schedulers } = await examine(batch, scratch(t), world(t, { bjobs: '' }));
  assert.deepEqual(schedulers, [{ type: 'lsf', answer: { kind: 'missing', commands: ['bsub', 'bkill'] } }]);
});

test('a Flux is asked at the address of the batch block', async (t) => {
  const here = world(t, {
    'flux version': 'commands:    0.79.0',
    'flux queue status': 'batch: Job submission is enabled',
  });
  const batch = { ...LOCAL_BATCH, type: 'flux', uri: 'local:///run/f' } as const;
  const { schedulers } = await examine(batch, scratch(t), here);
  assert.deepEqual(schedulers, [{ type: 'flux', answer: { kind: 'queues', queues: ['batch'] } }]);
  const asked = here.asked.find(({ args }) => args.join(' ') === 'queue status');
  assert.equal(asked?.environment.FLUX_URI, 'local:///run/f');
});

test('a scheduler that fails is silent, in its own words on one line', async (t) => {
  const stderr = 'flux: flux_open: No such\n file or directory\n';
  const here = world(t, {
    'flux version': 'commands:    0.79.0',
    'flux queue status': { kind: 'exited', code: 1, stdout: '', stderr },
  });
  const { schedulers } = await examine(LOCAL_BATCH, scratch(t), here);
  const words = 'flux: flux_open: No such file or directory';
  assert.deepEqual(schedulers, [{ type: 'flux', answer: { kind: 'silent', words } }]);
});

test('the machine is told as a study gets it', async (t) => {
  const directory = scratch(t);
  const batch = { ...LOCAL_BATCH, cores: 3, gpus: '2' };
  const { machine } = await examine(batch, directory, world(t, {}));
  assert.deepEqual([machine.cores, machine.gpus, machine.directory], [3, 2, directory]);
  assert.ok(['WAL', 'rollback'].includes(machine.journal));
});

test('a program is an executable file on the PATH, or at a path', (t) => {
  const directory = scratch(t);
  mkdirSync(join(directory, 'git'));
  writeFileSync(join(directory, 'data'), '');
  writeFileSync(join(directory, 'tool'), '');
  chmodSync(join(directory, 'tool'), 0o755);
  const path = `/nonexistent:${directory}`;
  assert.equal(programFile('tool', path), join(directory, 'tool'));
  assert.equal(programFile(join(directory, 'tool'), ''), join(directory, 'tool'));
  for (const name of ['git', 'data', 'none']) assert.equal(programFile(name, path), undefined);
  assert.equal(programFile('tool', undefined), undefined);
});
