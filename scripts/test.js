// Runs the tests: `npm test`, `npm test -- test/shared/spec`, `npm test -- --test-name-pattern=funnel`.
//
// Arguments that are no options choose test files by the path they stand at or below. A run in which no test
// ran is a failure, and so is, with MAESTRO_TEST_NO_SKIPS=1 (continuous integration), one that has skipped a test.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));

/** No test takes this long: one that does hangs, and says so in place of holding up everything. */
const TEST_TIMEOUT_MS = 10 * 60_000;

/** Many files wait: for a scheduler's queue, or for a step that is being ended. One more than there are cores fills these gaps. */
const FILES_AT_ONCE = availableParallelism() + 1;

/**
 * Test files of the project, relative to it, in a stable order.
 *
 * @param {readonly string[]} filters paths; none means all files
 */
function testFiles(filters) {
  const wanted = filters.map((filter) => relative(project, join(process.cwd(), filter)) || normalize('.'));
  return readdirSync(join(project, 'test'), { recursive: true, encoding: 'utf8' })
    .map((file) => join('test', file))
    .filter((file) => file.endsWith('.test.ts') && !file.startsWith(join('test', 'fixtures')))
    .filter((file) => wanted.length === 0 || wanted.some((path) => isAtOrBelow(file, path)))
    .sort();
}

/**
 * @param {string} file
 * @param {string} path
 */
function isAtOrBelow(file, path) {
  return path === '.' || file === path || file.startsWith(`${path.replace(/\/$/, '')}/`);
}

/**
 * The counts at the end of a TAP report, such as `# tests 12`.
 *
 * @param {string} tap
 */
function counts(tap) {
  const lines = tap.matchAll(/^# (tests|suites|pass|fail|cancelled|skipped|todo) (\d+)$/gm);
  return new Map([...lines].map(([, what, number]) => [what, Number(number)]));
}

const options = process.argv.slice(2).filter((argument) => argument.startsWith('-'));
const files = testFiles(process.argv.slice(2).filter((argument) => !argument.startsWith('-')));
if (files.length === 0) {
  console.error('no test files match; give paths such as test/shared or none at all');
  process.exit(1);
}

const scratch = mkdtempSync(join(tmpdir(), 'maestro-test-report-'));
const report = join(scratch, 'report.tap');
try {
  const { status, signal } = spawnSync(
    process.execPath,
    [
      '--import',
      'tsx',
      '--test',
      `--test-concurrency=${FILES_AT_ONCE}`,
      `--test-timeout=${TEST_TIMEOUT_MS}`,
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=tap',
      `--test-reporter-destination=${report}`,
      ...options,
      ...files,
    ],
    { cwd: project, stdio: 'inherit' },
  );
  const count = counts(readFileSync(report, 'utf8'));
  for (const what of ['tests', 'pass', 'fail', 'cancelled', 'skipped'])
    console.log(`# ${what} ${count.get(what)}`);

  const ran = (count.get('pass') ?? 0) + (count.get('fail') ?? 0);
  const skipped = (count.get('skipped') ?? 0) + (count.get('todo') ?? 0);
  if (ran === 0) console.error('no test ran');
  const isSkipping = skipped > 0 && process.env.MAESTRO_TEST_NO_SKIPS === '1';
  if (isSkipping) console.error(`${skipped} tests were skipped, and none may be`);
  if (signal !== null) console.error(`the tests were ended by ${signal}`);
  process.exitCode = status === 0 && ran > 0 && !isSkipping ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
