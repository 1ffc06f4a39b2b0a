import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capacityUnder, changeLimits } from '../../src/conductor/change-limits.ts';

const LIMITS = { attempts: 1, rlimit: 1, throttle: 0, sleeptime: 60 };

test('what a request does not name stays as it is', () => {
  const { limits } = changeLimits({ ...LIMITS, cores: 3 }, { throttle: 2 }, true);
  assert.deepEqual(limits, { ...LIMITS, throttle: 2, cores: 3 });
});

test('cores and gpus of this machine are what the user says, 0 gpus too, else what the machine gives', () => {
  const { limits, text, refusal } = changeLimits(LIMITS, { cores: 2, gpus: 0 }, true);
  assert.equal(text, 'throttle 0, rlimit 1, sleep 60, cores 2, gpus 0');
  assert.equal(refusal, undefined);
  assert.deepEqual(capacityUnder({ cores: 8, gpus: 4 }, limits), {
    cores: 2,
    gpus: 0,
    withholdsGpus: true,
  });
  assert.deepEqual(capacityUnder({ cores: 8, gpus: 4 }, LIMITS), {
    cores: 8,
    gpus: 4,
    withholdsGpus: false,
  });
});

test('where a scheduler hands out the machines they are refused, and the rest is done', () => {
  const { limits, refusal } = changeLimits(LIMITS, { attempts: 3, cores: 2 }, false);
  assert.deepEqual(limits, { ...LIMITS, attempts: 3 });
  assert.match(refusal!, /^cores and gpus were not changed: /);
});
