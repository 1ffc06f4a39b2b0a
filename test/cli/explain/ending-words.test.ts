import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { endingWords } from '../../../src/cli/explain/ending-words.ts';

const code = (exitCode: number) => endingWords({ exitCode, signal: null });
const signal = (number: number) => endingWords({ exitCode: null, signal: number });

describe('how a process ended, in words', () => {
  it('tells what shells mean by a code', () => {
    assert.equal(code(3), 'exit code 3');
    assert.equal(code(127), 'exit code 127: a command that it calls was not found');
    assert.equal(
      code(137),
      'exit code 137: a command of it was ended by SIGKILL (signal 9): it was killed; the kernel does that where memory runs out',
    );
    assert.equal(code(255), 'exit code 255');
  });

  it('names signals as manuals do', () => {
    assert.match(signal(11)!, /^ended by SIGSEGV \(signal 11\): the program touched memory/);
    assert.match(signal(6)!, /^ended by SIGABRT /);
    assert.equal(signal(64), 'ended by signal 64');
  });

  it('has words for every code, and none where nothing is known', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 255 }), (n) => code(n)!.startsWith(`exit code ${n}`)));
    assert.equal(endingWords({ exitCode: null, signal: null }), undefined);
  });
});
