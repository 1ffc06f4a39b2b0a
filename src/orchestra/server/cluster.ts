import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../../shared/clock.ts';
import type { ClusterConfig } from './config/config.ts';
import type { DataDirectory } from './data-directory.ts';
import type { ClusterStore } from './state/store.ts';

/** What every room of the server works with. */
export interface Cluster {
  readonly directory: DataDirectory;
  readonly config: ClusterConfig;
  readonly store: ClusterStore;
  readonly clock: Clock;
  readonly log: FastifyBaseLogger;
}
