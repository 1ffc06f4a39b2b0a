import { tmpdir } from 'node:os';
import type { ConcreteRuntime } from '../../src/orchestra/server/containers/runtime.ts';
import { tryRuntimes } from '../../src/orchestra/server/containers/try-runtimes.ts';

/** The runtimes that every machine of developers can have; continuous integration must have them all. */
const WANTED = ['bwrap', 'charliecloud', 'podman'] as const satisfies readonly ConcreteRuntime[];

/** A runtime, and why its tests cannot be run on this machine; false where they can. */
export interface RuntimeHere {
  readonly runtime: (typeof WANTED)[number];
  readonly skip: string | false;
}

/** Tries the runtimes on this machine: what is promised of jobs is promised whichever runs them. */
export async function runtimesHere(): Promise<readonly RuntimeHere[]> {
  const trials = await tryRuntimes(tmpdir(), 'maestro-test', WANTED);
  return WANTED.map((runtime) => {
    const trial = trials.get(runtime);
    if (trial?.works === true) return { runtime, skip: false };
    return { runtime, skip: `${runtime}: ${trial?.why ?? 'not tried'}` };
  });
}
