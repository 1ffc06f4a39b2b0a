import type { Cluster } from './cluster.ts';
import type { CommandServer } from './server.ts';

/** How large and how slow a fake is. */
export interface FakeOptions {
  /** An existing directory of its own. */
  readonly directory: string;
  /** Jobs at a time. */
  readonly slots?: number;
  /** How long each command waits for the scheduler, milliseconds. */
  readonly roundTripMs?: number;
}

/** A scheduler whose commands are those in `test/fakes/bin`, called with the server's environment. */
export interface FakeScheduler<Details> {
  readonly cluster: Cluster<Details>;
  readonly server: CommandServer;
}
