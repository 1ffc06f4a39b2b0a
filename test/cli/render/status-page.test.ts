import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { statusJson } from '../../../src/cli/render/json.ts';
import { overviewLines } from '../../../src/cli/render/overview.ts';
import { type Layout, statusLines, stepLines, summaryLines } from '../../../src/cli/render/status-page.ts';
import { createTheme } from '../../../src/cli/render/theme.ts';
import { mostTelling, watchPage } from '../../../src/cli/render/watch-page.ts';
import { widthOf } from '../../../src/cli/render/width.ts';
import type { Snapshot } from '../../../src/shared/status/snapshot.ts';
import { overviewOf, STEPS, stepRow } from './steps.ts';

const theme = createTheme(false);
const snapshot: Snapshot = { overview: overviewOf(), steps: STEPS };

const steps = (layout: Layout, width?: number): string =>
  [...stepLines(snapshot, { layout, width, theme })].join('\n');

test('flat without a terminal shows every column in the forms of status.csv', () => {
  assert.equal(
    steps('flat'),
    `\
Step Name    Job ID  Workspace    State        Run Time        Elapsed Time    Start Time           Submit Time          End Time             Number Restarts
───────────  ──────  ───────────  ───────────  ──────────────  ──────────────  ───────────────────  ───────────────────  ───────────────────  ───────────────
compile      4711    compile      FINISHED     0d:00h:00m:29s  0d:00h:00m:30s  2026-11-22 11:58:31  2026-11-22 11:58:30  2026-11-22 11:59:00                0
run_SIZE.10  4712    run/SIZE.10  RUNNING      0d:00h:00m:04s  0d:00h:00m:05s  2026-11-22 11:59:56  2026-11-22 11:59:55  --                                 1
run_SIZE.20  --      run/SIZE.20  INITIALIZED  --:--:--        --:--:--        --                   --                   --                                 0`,
  );
});

test('flat on a narrower terminal says the same shorter', () => {
  assert.equal(
    steps('flat', 100),
    `\
Step          Job  Workspace    State        Run  Elapsed  Start     Submit    End       ↻
───────────  ────  ───────────  ───────────  ───  ───────  ────────  ────────  ────────  ─
compile      4711  compile      FINISHED     29s      30s  11:58:31  11:58:30  11:59:00  0
run_SIZE.10  4712  run/SIZE.10  RUNNING       4s       5s  11:59:56  11:59:55  –         1
run_SIZE.20     –  run/SIZE.20  INITIALIZED    –        –  –         –         –         0`,
  );
});

test('flat on any terminal keeps to its width', () => {
  for (let width = 40; width <= 180; width++) {
    for (const line of steps('flat', width).split('\n'))
      assert.ok(widthOf(line) <= width, `${width}: ${line}`);
  }
});

test('legacy is never shortened and never wrapped', () => {
  assert.equal(steps('legacy', 40), steps('flat'));
});

test('narrow is a block a step, with its parameters', () => {
  const blocks = steps('narrow', 80).split('\n\n');
  assert.equal(blocks.length, 3);
  assert.equal(
    blocks[1],
    `\
RUNNING  run_SIZE.10
  Job ID           4712
  Workspace        run/SIZE.10
  Run Time         0d:00h:00m:04s
  Elapsed Time     0d:00h:00m:05s
  Start Time       2026-11-22 11:59:56
  Submit Time      2026-11-22 11:59:55
  End Time         --
  Number Restarts  1
  SIZE             10`,
  );
});

test('a filter that lets nothing through is said', () => {
  const page = [...statusLines([{ ...snapshot, steps: [] }], { layout: 'flat', width: 80, theme })];
  assert.equal(page.at(-1), 'no step matches');
});

test('a study begins with how far it is, its steps by state, and who conducts it', () => {
  const page = [...statusLines([snapshot], { layout: 'flat', width: 100, theme })];
  assert.deepEqual(page.slice(0, 5), [
    'heat · running · 1 of 3 steps (33 %) · elapsed 1m 30s · about 3m left',
    'INITIALIZED 1 · RUNNING 1 · FINISHED 1',
    '/studies/heat_20261122-115830',
    'conducted by pid 42 on host node7, user ada, for 1m 20s',
    '',
  ]);
});

test('studies are parted by an empty line', () => {
  const page = [...statusLines([snapshot, snapshot], { layout: 'flat', width: 100, theme })];
  assert.equal(page.filter((line) => line.startsWith('heat · ')).length, 2);
  assert.equal(
    page[page.lastIndexOf('heat · running · 1 of 3 steps (33 %) · elapsed 1m 30s · about 3m left') - 1],
    '',
  );
});

test('where nobody conducts a study it says why and how to go on', () => {
  const [, , , note] = statusLines(
    [
      {
        ...snapshot,
        overview: overviewOf({ state: 'stopped', leaseState: 'stale', remainingMs: undefined }),
      },
    ],
    { layout: 'flat', width: undefined, theme },
  );
  assert.equal(
    note,
    'no conductor: pid 42 on host node7, user ada, has died; `maestro resume /studies/heat_20261122-115830` goes on',
  );
});

test('a directory that the shell would take apart is quoted in commands', () => {
  const directory = "/studies/ada's heat";
  const [, , , note] = statusLines(
    [{ ...snapshot, overview: overviewOf({ directory, state: 'failed', leaseState: 'free' }) }],
    { layout: 'flat', width: undefined, theme },
  );
  const quoted = `'/studies/ada'\\''s heat'`;
  assert.equal(
    note,
    `what failed: \`maestro status --state failed ${quoted}\`; to run that again: \`maestro retry ${quoted}\``,
  );
});

test('a paused study says so, and how to go on', () => {
  const running = overviewOf({ remainingMs: undefined });
  const paused = { ...running, summary: { ...running.summary, isPaused: true } };
  const [first, , , note] = statusLines([{ ...snapshot, overview: paused }], {
    layout: 'flat',
    width: undefined,
    theme,
  });
  assert.equal(first, 'heat · running · PAUSED · 1 of 3 steps (33 %) · elapsed 1m 30s');
  assert.equal(
    note,
    'paused: nothing more is started; `maestro resume /studies/heat_20261122-115830` goes on',
  );
  assert.match([...summaryLines([paused], theme)][2]!, /^running PAUSED {2}1 of 3/);
  const ended = {
    ...paused,
    state: 'finished',
    summary: { ...paused.summary, outcome: 'finished' },
  } as const;
  assert.doesNotMatch([...summaryLines([ended], theme)][2]!, /PAUSED/);
});

test('the summary is one line a study', () => {
  assert.deepEqual(
    [...summaryLines([overviewOf(), overviewOf({ state: 'failed', remainingMs: undefined })], theme)],
    [
      'State     Steps  Done    Time  Left  Steps by state                          Study',
      '───────  ──────  ────  ──────  ────  ──────────────────────────────────────  ─────────────────────────────',
      'running  1 of 3  33 %  1m 30s    3m  INITIALIZED 1 · RUNNING 1 · FINISHED 1  /studies/heat_20261122-115830',
      'failed   1 of 3  33 %  1m 30s     –  INITIALIZED 1 · RUNNING 1 · FINISHED 1  /studies/heat_20261122-115830',
    ],
  );
});

test('colour adds nothing but colour', () => {
  const coloured = createTheme(true);
  const plain = [...statusLines([snapshot], { layout: 'flat', width: 100, theme })];
  const painted = [...statusLines([snapshot], { layout: 'flat', width: 100, theme: coloured })];
  assert.notDeepEqual(painted, plain);
  assert.deepEqual(painted.map(stripVTControlCharacters), plain);
});

test('JSON has every study and step, with times in UTC and null for what is not known', () => {
  const document = JSON.parse([...statusJson([snapshot, { overview: overviewOf() }])].join('\n'));
  const [first, second] = document.studies;
  assert.equal(document.studies.length, 2);
  assert.equal(first.state, 'running');
  assert.deepEqual(first.counts, { RUNNING: 1, FINISHED: 1, INITIALIZED: 1 });
  assert.equal(first.conductor.heartbeatAgeMs, 2000);
  assert.equal(first.steps.length, 3);
  assert.deepEqual(first.steps[1], {
    name: 'run_SIZE.10',
    state: 'RUNNING',
    workspace: 'run/SIZE.10',
    job: '4712',
    attempts: 2,
    restarts: 1,
    submittedAt: new Date(2026, 10, 22, 11, 59, 55).toISOString(),
    startedAt: new Date(2026, 10, 22, 11, 59, 56).toISOString(),
    endedAt: null,
    notBefore: null,
    runMs: 4000,
    elapsedMs: 5000,
    params: { SIZE: '10' },
  });
  assert.equal(second.steps, undefined);
});

test('the watch page is as high as the screen, and shows what runs and what failed first', () => {
  const many = [
    ...STEPS,
    stepRow(3, 'bad', 'FAILED', { attempts: 1, endedAt: overviewOf().takenAt }),
    ...Array.from({ length: 100 }, (_, index) => stepRow(4 + index, `later${index}`, 'INITIALIZED')),
  ];
  const page = watchPage([{ ...snapshot, steps: many }], { layout: 'flat', width: 100, theme }, 10);
  assert.equal(page.length, 10);
  assert.match(page[7]!, /^run_SIZE\.10 /);
  assert.match(page[8]!, /^bad /);
  assert.equal(page[9], 'and 102 steps more · q leaves');
});

test('where all steps fit they keep their order', () => {
  assert.equal(mostTelling(STEPS, 3), STEPS);
  assert.deepEqual(
    mostTelling(STEPS, 2).map(({ name }) => name),
    ['run_SIZE.10', 'compile'],
  );
});

test('a study says how many of its steps wait to be tried again, and until when', () => {
  const next = overviewOf().takenAt + 27_000;
  const noted = (count: number): string => overviewLines(overviewOf({ pauses: { count, next } }), theme)[3]!;
  assert.equal(noted(1), '1 step waits to be tried again, until 12:00:27');
  assert.equal(noted(1234), '1,234 steps wait to be tried again, the first until 12:00:27');
});
