import assert from 'node:assert/strict';
import { Refusal, type RefusalCode } from '../../src/orchestra/refusal.ts';

/** What `assert.rejects` and `assert.throws` take for a refusal of this code, whose message is like this. */
export function refused(code: RefusalCode, message?: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.code, code, error.message);
    if (message !== undefined) assert.match(error.message, message);
    return true;
  };
}
