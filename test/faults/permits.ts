import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { Place } from '../e2e/harness.ts';

/**
 * Lets steps end one at a time: each waits for a permit before it does. So a study goes on just as far as a test lets
 * it, however fast or slow the machine is, and steps that run outlive whoever started them until they may end.
 */
export interface Permits {
  /** What a step's command waits for a permit with. */
  readonly await: string;
  /** Lets so many more steps end. */
  give(count: number): void;
  /** How many there have been. */
  given(): number;
}

/** Permits of a test's own: bytes in a named pipe, of which each step reads one. */
export function makePermits(test: TestContext, place: Place): Permits {
  const pipe = place.path('permits');
  execFileSync('mkfifo', [pipe]);
  // Open for both, as the steps open it: nobody waits for the other end, and bytes are kept while nobody reads.
  const descriptor = openSync(pipe, constants.O_RDWR);
  test.after(() => closeSync(descriptor));
  let given = 0;
  return {
    await: `dd bs=1 count=1 0<>"${pipe}" >/dev/null 2>&1`,
    give(count) {
      writeSync(descriptor, '.'.repeat(count));
      given += count;
    },
    given: () => given,
  };
}
