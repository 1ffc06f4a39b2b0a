import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import cruiser from '../../.dependency-cruiser.cjs';
import { occurrences, textOf, trackedFiles } from './tracked-files.ts';

/** Beyond this a file has more than one purpose, or its purpose has parts that deserve a name. */
const MAX_LINES = 400;

const files = trackedFiles();
const sources = files.filter((file) => /^src\/.*\.ts$/.test(file));
const tests = files.filter((file) => /^test\/.*\.ts$/.test(file) && !file.startsWith('test/fixtures/'));
const code = files.filter(
  (file) => /\.(ts|js|cjs|mjs|c|h|sh|py)$/.test(file) && !file.startsWith('test/fixtures/'),
);
const texts = files.filter((file) => !/\.(png|gif|ico|gz|db)$/.test(file));
/** What the check of imports takes for pure is pure of clocks and dice as well. */
const purity = cruiser.forbidden?.find(({ name }) => name === 'pure-rooms-do-no-io')?.from.path;
const pureRooms = sources.filter((file) => new RegExp(String(purity)).test(file));

/**
 * Tests wait for what they wait for, not for a while. These files may name a timer, each for the reason given.
 */
const TIMERS: ReadonlyMap<string, string> = new Map([
  [
    'test/e2e/until.ts',
    'looks again, within a bound, for what no notice tells of: the end of a process not ours',
  ],
  [
    'test/fakes/cluster/cluster.ts',
    'ends jobs at their walltime, and kills them after a grace, as clusters do',
  ],
  ['test/fakes/cluster/server.ts', 'answers late where a test asks for a slow controller'],
]);

/** Text that may not stand on any line of some files. */
interface Ban {
  readonly rule: string;
  readonly files: readonly string[];
  readonly pattern: RegExp;
  /** Lines that the pattern must find, in pieces, so that this file does not break its own rules. */
  readonly examples: readonly (readonly string[])[];
}

const bans: readonly Ban[] = [
  {
    rule: 'nothing is left to be done in the code',
    files: code,
    pattern: /\b(?:TO[D]O|FIX[M]E|XX[X])\b/,
    examples: [
      ['// TO', 'DO: later'],
      ['# FIX', 'ME'],
    ],
  },
  {
    rule: 'no test runs alone',
    files: tests,
    pattern: /\b(?:test|it|describe|suite)\.only\(|\bonly: true/,
    examples: [
      ['test.on', `ly('x')`],
      ['{ on', 'ly: true }'],
    ],
  },
  {
    rule: 'no test is skipped without a reason',
    files: tests,
    pattern: /\b(?:test|it|describe|suite)\.(?:skip|todo)\(|\bskip: true|\b(?:t|context)\.skip\(\)/,
    examples: [
      ['it.sk', `ip('x')`],
      ['{ sk', 'ip: true }'],
      ['t.sk', 'ip()'],
    ],
  },
  {
    rule: 'tests wait for events, not for a time',
    files: tests.filter((file) => !TIMERS.has(file)),
    pattern: /\bset(?:Timeout|Interval)\(|timers\/promises|(?<!\.)\b(?:sleep|delay)\(|Atomics\.wait\(/,
    examples: [
      ['setTime', 'out(done, 100)'],
      [`from 'node:timers/prom`, `ises'`],
      ['await sle', 'ep(5)'],
    ],
  },
  {
    rule: 'only the rendering room of the command line logs to the console',
    files: sources.filter((file) => !file.startsWith('src/cli/render/')),
    pattern: /\bconsole\.\w+\(/,
    examples: [['console.log(', ')']],
  },
  {
    rule: 'the pure rooms read no clock, no dice and no environment',
    files: pureRooms,
    pattern: /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.\w|\bperformance\.now\(/,
    examples: [['Date.now()'], ['process.cwd()']],
  },
  {
    rule: 'nothing tells of one particular machine',
    files: texts,
    pattern: /(?:^|[\s'"`(=:])\/(?:work|root|home\/(?!ada\/)[a-z]+)\//,
    examples: [
      ['cd /wo', 'rk/main'],
      ['"/ho', 'me/jane/x"'],
      ['/ro', 'ot/.npm'],
    ],
  },
  {
    rule: 'nothing tells of one particular registry',
    files: texts,
    pattern: /\bregistry\.[a-z]+\.[a-z]+|"resolve[d]": "http/,
    examples: [
      ['https://regis', 'try.example.org'],
      ['"resol', 'ved": "https://a/b.tgz"'],
    ],
  },
];

for (const { rule, files, pattern, examples } of bans) {
  test(rule, () => {
    for (const example of examples) assert.match(example.join(''), pattern);
    assert.deepEqual(
      files.flatMap((file) => occurrences(file, pattern)),
      [],
    );
  });
}

test('every exception for a timer is still needed', () => {
  const timer = bans.find(({ rule }) => rule.startsWith('tests wait'))?.pattern ?? assert.fail();
  const needless = [...TIMERS.keys()].filter(
    (file) => !tests.includes(file) || occurrences(file, timer).length === 0,
  );
  assert.deepEqual(needless, []);
});

test('there are files to look at', () => {
  for (const list of [sources, tests, code, texts]) assert.ok(list.length > 20, `${list.length} files`);
  assert.ok(pureRooms.length > 10, `${pureRooms.length} pure files`);
});

test(`no source is longer than ${MAX_LINES} lines`, () => {
  const long = sources
    .map((file) => ({ file, lines: textOf(file).split('\n').length - 1 }))
    .filter(({ lines }) => lines > MAX_LINES);
  assert.deepEqual(long, []);
});

test('files are named by their purpose', () => {
  const vague = /(?:^|[-.])(?:utils?|helpers?|managers?|misc|common|base|stuff)\.[a-z]+$/i;
  for (const name of ['utils.ts', 'string-helpers.ts', 'job-manager.ts']) assert.match(name, vague);
  assert.deepEqual(
    code.filter((file) => vague.test(basename(file))),
    [],
  );
});

test('every test file has a test', () => {
  const empty = tests.filter(
    (file) => file.endsWith('.test.ts') && !/\b(?:test|it|\w+Contract)\(/.test(textOf(file)),
  );
  assert.deepEqual(empty, []);
});
