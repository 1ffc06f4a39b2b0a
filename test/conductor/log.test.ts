import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type ConductorLog, openLog } from '../../src/conductor/log.ts';

/** The lines that a log of some level has after some writing. */
function linesOf(t: TestContext, level: number, write: (log: ConductorLog['logger']) => void): string[] {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-log-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'logs', 'study.log');
  const log = openLog({ file, level, toStdout: false });
  write(log.logger);
  log.close();
  return readFileSync(file, 'utf8').split('\n').slice(0, -1);
}

const all = (logger: ConductorLog['logger']) => {
  logger.debug('one');
  logger.info('two');
  logger.warn('three');
  logger.error('four');
  logger.fatal('five');
};

describe('the log', () => {
  it('has lines of the familiar form, at the time of this machine', (t) => {
    const [line = ''] = linesOf(t, 2, (logger) => logger.info('100 % of "x" done'));
    assert.match(line, /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d: INFO\] 100 % of "x" done$/);
  });

  for (const [level, names] of [
    [1, ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']],
    [3, ['WARNING', 'ERROR', 'CRITICAL']],
    [5, ['CRITICAL']],
  ] as const) {
    it(`of level ${level} has ${names.join(', ')}`, (t) => {
      const found = linesOf(t, level, all).map((line) => /: (\w+)\]/.exec(line)?.[1]);
      assert.deepEqual(found, [...names]);
    });
  }

  it('has the stack trace of a defect below its line', (t) => {
    const lines = linesOf(t, 2, (logger) => logger.error({ err: new Error('impossible') }, 'a defect'));
    assert.match(lines[0] ?? '', /: ERROR\] a defect$/);
    assert.equal(lines[1], 'Error: impossible');
    assert.match(lines[2] ?? '', /^ {4}at .*log\.test\.ts/);
  });

  it('takes no line once it is closed', (t) => {
    let kept: ConductorLog['logger'] | undefined;
    linesOf(t, 2, (logger) => {
      kept = logger;
    });
    assert.doesNotThrow(() => kept?.info('too late'));
  });
});
