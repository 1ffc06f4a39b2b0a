import { bwrap } from './bwrap.ts';
import { none } from './none.ts';
import type { ConcreteRuntime, Runtime } from './runtime.ts';

/** All runtimes, the fastest first. */
export const RUNTIMES: readonly Runtime[] = [bwrap, none];

/** The runtime of that name. */
export function runtimeOf(name: ConcreteRuntime): Runtime {
  const found = RUNTIMES.find((runtime) => runtime.name === name);
  if (found === undefined) throw new Error(`there is no runtime ${name}`);
  return found;
}
