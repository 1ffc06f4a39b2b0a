import type { RuntimeName } from '../config/config.ts';
import type { ContainerPlan, Image, Word } from './container-plan.ts';

/** The runtimes themselves: what a configuration may name beside `auto`. */
export type ConcreteRuntime = Exclude<RuntimeName, 'auto'>;

/** One way to run containers: pure, it says what is to be called. */
export interface Runtime {
  readonly name: ConcreteRuntime;
  /** Kinds of images that it can run. */
  readonly takes: readonly Image['kind'][];
  /** Whether its jobs see the volume at /volume; else they see it where it is on this machine. */
  readonly hasVolume: boolean;
  /** The call that runs a job in a container. */
  readonly call: (plan: ContainerPlan) => readonly Word[];
  /** The call that ends a job's container, where ending the caller does not. */
  readonly end?: readonly Word[];
}
