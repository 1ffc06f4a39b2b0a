import { resolve } from 'node:path';
import pino from 'pino';
import { systemClock } from '../../shared/clock.ts';
import { UserError } from '../../shared/errors.ts';
import { Refusal } from '../refusal.ts';
import type { Cluster } from './cluster.ts';
import { readConfig } from './config/read-config.ts';
import { dataDirectory } from './data-directory.ts';
import { openClusterStore } from './state/store.ts';

/** Which cluster a command at the server's console works on. */
export interface ConsoleOptions {
  readonly data: string;
  /** Default `config.yaml` in the data directory. */
  readonly config?: string | undefined;
}

/**
 * Works on a cluster from the machine that it lies on, while it is served or not: what needs no server, because
 * whoever may write to its files may do anything. Throws a UserError where there is no cluster, and for what the
 * server would refuse.
 */
export async function atConsole<Result>(
  { data, config: file }: ConsoleOptions,
  work: (cluster: Cluster) => Promise<Result> | Result,
): Promise<Result> {
  const directory = dataDirectory(resolve(data));
  const store = openClusterStore(directory.root);
  try {
    const { config } = readConfig(resolve(file ?? directory.config), directory.root);
    return await work({ directory, config, store, clock: systemClock, log: pino({ enabled: false }) });
  } catch (error) {
    if (error instanceof Refusal) throw new UserError(error.message, error.mend, { cause: error });
    throw error;
  } finally {
    store.close();
  }
}
