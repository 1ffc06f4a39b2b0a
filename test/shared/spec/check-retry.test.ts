import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Retry } from '../../../src/shared/spec/specification.ts';
import { studyOf } from '../study/studies.ts';
import { diagnose, run, specificationOf, steps } from './diagnose.ts';

const ENDS = 'write an exit code from 1 to 255, or FAILED, TIMEDOUT or HWFAILURE';

describe('a retry', () => {
  const wrong: Record<string, string> = {
    'retry: 3':
      "7:14: retry of step 'a' is the number 3; write some of 'attempts:', 'backoff:', 'on:' and 'grow:' below it, indented",
    'retry: {attempts: 0}':
      "7:25: attempts in retry of step 'a' is the number 0; write a whole number from 1 to 1000",
    'retry: {backoff: soon}':
      "7:24: backoff in retry of step 'a' is 'soon'; write seconds as a number, or a time such as 30s, 5m or 1h, at most a day",
    'retry: {backoff: 25h}': "7:24: backoff in retry of step 'a' is longer than a day; write 24h or less",
    'retry: {on: [UNKNOWN]}': `7:20: an end in retry of step 'a' is 'UNKNOWN'; ${ENDS}`,
    'retry: {on: [0]}': `7:20: an end in retry of step 'a' is the number 0; ${ENDS}`,
    'retry: {on: [75, 75]}': "7:24: on in retry of step 'a' has the number 75 twice; keep one of them",
    'retry: {grow: {walltime: 0.5}}':
      "7:32: walltime in grow in retry of step 'a' is the number 0.5; write a factor from 1 to 10",
    'retry: {grow: {time: 2}}':
      "7:22: grow in retry of step 'a' has an unknown key 'time'; its keys are walltime, memory",
    'retry: {attempt: 2}': "7:15: retry of step 'a' has an unknown key 'attempt'; did you mean 'attempts'?",
  };
  for (const [line, diagnostic] of Object.entries(wrong)) {
    it(`'${line}' is refused`, () => assert.deepEqual(diagnose(run(line)), [diagnostic]));
  }

  it('that would grow what nobody asks for is warned of', () => {
    assert.deepEqual(diagnose(run('retry: {grow: {walltime: 2, memory: 2}}')), [
      "7:32: warning: walltime in grow in retry of step 'a' has nothing to grow; give the step a walltime",
      "7:43: warning: memory in grow in retry of step 'a' has nothing to grow; remove it: there is no option for memory with type local",
    ]);
  });

  const right: Record<string, Retry> = {
    'retry:': {},
    'retry: {}': {},
    'retry: {attempts: 3, backoff: 30}': { attempts: 3, backoffMs: 30_000 },
    'retry: {backoff: 1.5m}': { backoffMs: 90_000 },
    'retry: {backoff: 1 h}': { backoffMs: 3_600_000 },
    'retry: {on: [75, TIMEDOUT]}': { on: [75, 'TIMEDOUT'] },
  };
  for (const [line, expected] of Object.entries(right)) {
    it(`'${line}' is taken`, () => {
      assert.deepEqual(diagnose(run(line)), []);
      assert.deepEqual(specificationOf(run(line)).steps[0]!.retry ?? {}, expected);
    });
  }

  it('of the batch block holds for what a step does not say', () => {
    const text = `batch: {retry: {attempts: 3, backoff: 5, on: [1]}}\n${steps(
      '{name: a, description: d, run: {cmd: x, retry: {attempts: 1, on: [FAILED]}}}',
      '{name: b, description: d, run: {cmd: x}}',
    )}`;
    const byName = new Map(studyOf(specificationOf(text)).steps.map(({ name, retry }) => [name, retry]));
    assert.deepEqual(byName.get('a'), { attempts: 1, backoffMs: 5000, on: ['FAILED'] });
    assert.deepEqual(byName.get('b'), { attempts: 3, backoffMs: 5000, on: [1] });
    assert.equal(studyOf(specificationOf(run())).steps[0]!.retry, undefined);
  });

  it('has one shape, in a step and in the batch block', () => {
    const schema = JSON.parse(
      readFileSync(new URL('../../../schema/study.schema.json', import.meta.url), 'utf8'),
    );
    const { title: _, description: __, ...common } = schema.properties.batch.properties.retry;
    const {
      title: ___,
      description: ____,
      ...own
    } = schema.properties.study.items.properties.run.properties.retry;
    assert.deepEqual(own, common);
  });
});
