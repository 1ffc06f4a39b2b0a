import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type FilesOfAttempt, writeStepFiles } from '../../../src/shared/prepare/step-files.ts';
import type { Growth } from '../../../src/shared/spec/specification.ts';
import { expanded, specOf, stepOf } from '../study/studies.ts';

/** A study of one step for Slurm; writes its files for an attempt and answers the script's text. */
function scene(t: TestContext, grow?: Growth) {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-files-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const step = stepOf('run', {
    cmd: 'echo main',
    restart: 'echo again',
    resources: { nodes: '1', walltime: '10' },
    ...(grow === undefined ? {} : { retry: { grow } }),
  });
  const batch = { type: 'slurm', shell: '/bin/bash', host: 'h', bank: 'b', queue: 'q', args: {} } as const;
  const { study, expansion } = expanded(specOf({ batch, steps: [step] }), { directory });
  const file = join(directory, 'run', 'run.slurm.sh');
  const write = (attempt: FilesOfAttempt): string => {
    writeStepFiles(study, expansion, 0, attempt);
    return readFileSync(file, 'utf8');
  };
  return { directory, file, write };
}

test('a further attempt is asked for with its own walltime, by its restart script too', (t) => {
  const { write, directory } = scene(t, { walltime: 2 });
  assert.match(write({ number: 1, growth: 0 }), /--time=10\n/);
  assert.match(write({ number: 2, growth: 1 }), /--time=0:20:00\n/);
  assert.match(write({ number: 3, growth: 1 }), /--time=0:20:00\n/);
  assert.match(write({ number: 4, growth: 2 }), /--time=0:40:00\n/);
  const restart = readFileSync(join(directory, 'run', 'run.restart.slurm.sh'), 'utf8');
  assert.match(restart, /--time=0:40:00\n[\s\S]*echo again/);
});

test('a step that starts from the beginning asks for as much as at first', (t) => {
  const { write } = scene(t, { walltime: 2 });
  write({ number: 1, growth: 0 });
  write({ number: 2, growth: 1 });
  assert.match(write({ number: 3, growth: 0 }), /--time=10\n/);
});

test('a script that its user has edited stays as it is, its walltime too', (t) => {
  for (const grow of [undefined, { walltime: 2 }]) {
    const { write, file } = scene(t, grow);
    const first = write({ number: 1, growth: 0 });
    for (const edited of [first.replace('main', 'mine'), first.replace('=10', '=77')]) {
      writeFileSync(file, edited);
      assert.equal(write({ number: 2, growth: 1 }), edited);
    }
  }
});

test('a script that a crash cut short is written again, whichever attempt it was for', (t) => {
  const { write, file } = scene(t, { walltime: 2 });
  const second = write({ number: 2, growth: 1 });
  writeFileSync(file, second.slice(0, -5));
  assert.match(write({ number: 3, growth: 2 }), /--time=0:40:00\n[\s\S]*echo main\n$/);
});
