import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { makePlace, type Place, processesWith } from './harness.ts';
import { moments, noted } from './overlap.ts';
import type { StudyUnderTest } from './study-under-test.ts';

const local = (more: Readonly<Record<string, unknown>> = {}) => ({
  batch: { type: 'local', cores: 4, shell: '/bin/bash', ...more },
});

/** Runs a study in the foreground and answers how it went. */
async function conduct(
  place: Place,
  file: string,
  args: readonly string[] = [],
): Promise<StudyUnderTest & { code: number; stdout: string }> {
  const { code, stdout } = await place.maestro(['run', '-y', '-fg', '-o', 'out', ...args, file]);
  return { ...place.study(), code, stdout };
}

/** The states that a step went through. */
function pathOf(study: StudyUnderTest, name: string): string[] {
  const { id } = study.rows().find((row) => row.name === name)!;
  return study.events().flatMap(({ step, to }) => (step === id && to !== null ? [to] : []));
}

const FOR_EVER = 'while true; do sleep 0.05; done';

describe('a walltime', { concurrency: 2 }, () => {
  test('leads to the restart script, which goes on from the checkpoint', async (t) => {
    const place = makePlace(t);
    const cmd = `trap 'echo 42 > checkpoint; exit 1' TERM\necho main >> ran\n${FOR_EVER}`;
    const restart = 'echo restart >> ran\ntest "$(cat checkpoint)" = 42';
    const file = place.specification(
      [
        { name: 'a', cmd, restart, walltime: '1s' },
        { name: 'b', cmd: 'true', depends: ['a'] },
      ],
      local(),
    );
    const study = await conduct(place, file);
    assert.equal(study.code, 0, study.log());
    assert.deepEqual(pathOf(study, 'a'), [
      'PENDING',
      'RUNNING',
      'TIMEDOUT',
      'INITIALIZED',
      'PENDING',
      'RUNNING',
      'FINISHED',
    ]);
    assert.deepEqual(study.lines('a/ran'), ['main', 'restart']);
    assert.deepEqual(
      study.attempts('a').map(({ script, outcome }) => [script, outcome]),
      [
        ['main', 'TIMEDOUT'],
        ['restart', 'FINISHED'],
      ],
    );
    assert.equal(study.rows().find(({ name }) => name === 'a')?.restarts, 1);
    assert.match(
      study.log(),
      /a: RUNNING -> TIMEDOUT \(walltime reached\)\n.*a: TIMEDOUT -> INITIALIZED \(restart 1 of 1\)/,
    );
  });

  test('that is reached again and again ends at rlimit', async (t) => {
    const place = makePlace(t);
    const file = place.specification(
      [
        { name: 'a', cmd: FOR_EVER, restart: FOR_EVER, walltime: '300ms' },
        { name: 'b', cmd: 'true', depends: ['a'] },
      ],
      local(),
    );
    const study = await conduct(place, file, ['--rlimit', '2']);
    assert.equal(study.code, 2);
    assert.equal(study.stateOf('a'), 'FAILED');
    assert.equal(study.stateOf('b'), 'FAILED');
    assert.deepEqual(
      study.attempts('a').map(({ script }) => script),
      ['main', 'restart', 'restart'],
    );
    assert.match(study.log(), /a: TIMEDOUT -> FAILED \(timed out after 2 restarts, the limit \(rlimit\)\)/);
  });

  test('is final where there is no restart script', async (t) => {
    const place = makePlace(t);
    const file = place.specification(
      [
        { name: 'a', cmd: FOR_EVER, walltime: '500ms' },
        { name: 'b', cmd: 'true', depends: ['a'] },
        { name: 'c', cmd: 'true' },
      ],
      local(),
    );
    const study = await conduct(place, file);
    assert.equal(study.code, 2);
    assert.equal(study.stateOf('a'), 'TIMEDOUT');
    assert.equal(study.stateOf('b'), 'FAILED');
    assert.equal(study.stateOf('c'), 'FINISHED');
    assert.match(study.log(), /b: INITIALIZED -> FAILED \(a did not finish\)/);
  });

  test('ends what does not want to end, with all of its processes', async (t) => {
    const place = makePlace(t);
    const cmd = `trap '' TERM\n(${FOR_EVER}) &\n${FOR_EVER}`;
    const file = place.specification([{ name: 'a', cmd, walltime: '500ms' }], local());
    const study = await conduct(place, file);
    assert.equal(study.code, 2);
    assert.equal(study.stateOf('a'), 'TIMEDOUT');
    assert.equal(study.attempts('a')[0]?.signal, 9);
    assert.deepEqual(processesWith(`MAESTRO_ATTEMPT=${study.token()}.0.1`), []);
  });
});

describe('attempts', { concurrency: 2 }, () => {
  const flaky = 'echo x >> tries\ntest "$(wc -l < tries)" -ge 3';

  test('are made until one is good', async (t) => {
    const place = makePlace(t);
    const file = place.specification(
      [
        { name: 'a', cmd: flaky },
        { name: 'b', cmd: 'true', depends: ['a'] },
      ],
      local(),
    );
    const study = await conduct(place, file, ['--attempts', '3']);
    assert.equal(study.code, 0, study.log());
    assert.deepEqual(
      study.attempts('a').map(({ outcome, exitCode }) => [outcome, exitCode]),
      [
        ['FAILED', 1],
        ['FAILED', 1],
        ['FINISHED', 0],
      ],
    );
    assert.equal(readdirSync(study.path('a')).filter((name) => name.endsWith('.out')).length, 3);
    assert.match(study.log(), /a: FAILED -> INITIALIZED \(try 3 of 3\)/);
  });

  test('are no more than were asked for', async (t) => {
    const place = makePlace(t);
    const file = place.specification(
      [
        { name: 'a', cmd: flaky },
        { name: 'b', cmd: 'true', depends: ['a'] },
      ],
      local(),
    );
    const study = await conduct(place, file, ['--attempts', '2']);
    assert.equal(study.code, 2);
    assert.equal(study.lines('a/tries').length, 2);
    assert.equal(study.stateOf('b'), 'FAILED');
  });
});

describe('steps that run at once', { concurrency: 2 }, () => {
  const names = Array.from({ length: 12 }, (_, index) => `s${index}`);
  /** Waits until so many steps have begun: the machine is as full as it gets. */
  const untilBegun = (count: number): string =>
    `while [ "$(grep -c begin "$(OUTPUT_PATH)/trace")" -lt ${count} ]; do sleep 0.02; done`;

  test('are as many as throttle says, and never more', async (t) => {
    const place = makePlace(t);
    const file = place.specification(
      names.map((name) => noted(name, untilBegun(3))),
      local({ cores: 8 }),
    );
    const study = await conduct(place, file, ['--throttle', '3']);
    assert.equal(study.code, 0, study.log());
    assert.equal(Math.max(...moments(study.lines('trace')).map(({ length }) => length)), 3);
  });

  test('are packed by their cores', async (t) => {
    const place = makePlace(t);
    const cores = new Map(names.map((name, index) => [name, 1 + (index % 3)]));
    const steps = names.map((name) => noted(name, 'sleep 0.05', { procs: cores.get(name) }));
    const wide = noted('wide', 'sleep 0.05', { procs: 3, 'cores per task': 3 });
    const study = await conduct(place, place.specification([...steps, wide], local()));
    assert.equal(study.code, 0, study.log());
    const filled = moments(study.lines('trace')).map((running) => ({
      running,
      cores: running.reduce((sum, name) => sum + (cores.get(name) ?? 4), 0),
    }));
    assert.deepEqual(
      filled.filter((moment) => moment.cores > 4),
      [],
    );
    assert.ok(filled.some(({ running }) => running.length > 1));
  });

  test('have gpus of their own', async (t) => {
    const place = makePlace(t);
    const steps = names.map((name, index) =>
      noted(name, 'sleep 0.05', { gpus: index === 5 ? 2 : index === 6 ? 0 : 1 }),
    );
    const study = await conduct(place, place.specification(steps, local({ gpus: 2, cores: 8 })));
    assert.equal(study.code, 0, study.log());
    const lines = study.lines('trace');
    const given = new Map(lines.map((line) => line.split(' ')).map(([, name, gpus]) => [name!, gpus!]));
    assert.equal(given.get('s5'), '0,1');
    assert.equal(given.get('s6'), 'none');
    for (const running of moments(lines)) {
      const gpus = running.flatMap((name) => (given.get(name) === 'none' ? [] : given.get(name)!.split(',')));
      assert.equal(new Set(gpus).size, gpus.length, `${running} had ${gpus}`);
      assert.ok(gpus.every((gpu) => gpu === '0' || gpu === '1'));
    }
  });
});

describe('what a step writes', { concurrency: 2 }, () => {
  test('may be much', async (t) => {
    const place = makePlace(t);
    const cmd = 'head -c 10000000 /dev/zero | tr "\\0" x\nhead -c 10000000 /dev/zero | tr "\\0" y >&2';
    const study = await conduct(place, place.specification([{ name: 'a', cmd }], local()));
    assert.equal(study.code, 0);
    const [attempt] = study.attempts('a');
    for (const [end, letter] of [
      ['out', 'x'],
      ['err', 'y'],
    ] as const) {
      const text = readFileSync(study.path('a', `a.${attempt!.job}.${end}`), 'utf8');
      assert.equal(text.length, 10_000_000);
      assert.equal(text.replaceAll(letter, ''), '');
    }
    assert.ok(attempt!.maxRssKib! > 0);
  });

  test('is its own: the environment is the one that the user had', async (t) => {
    const place = makePlace(t);
    const file = place.specification([{ name: 'a', cmd: 'env -0 | sort -z > env' }], local());
    const { code } = await place.maestro(['run', '-y', '-fg', '-o', 'out', file], {
      env: { MINE: 'a b\nc' },
    });
    assert.equal(code, 0);
    const entries = readFileSync(place.path('out', 'a', 'env'), 'utf8').split('\0');
    assert.ok(entries.includes('MINE=a b\nc'));
    const names = entries.map((entry) => entry.split('=')[0]!).filter((name) => name !== '');
    // What the test gives, what a shell adds, and the one variable that the study adds.
    const known = new Set([
      ...Object.keys(process.env),
      'MINE',
      'NO_COLOR',
      'XDG_STATE_HOME',
      'PWD',
      'SHLVL',
      '_',
    ]);
    assert.deepEqual(
      names.filter((name) => !known.has(name)),
      ['MAESTRO_ATTEMPT'],
    );
    assert.ok(!names.includes('NODE_ENV'));
  });
});
