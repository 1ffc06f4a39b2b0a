import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { Actor } from '../../../src/orchestra/server/actor.ts';
import type { Cluster } from '../../../src/orchestra/server/cluster.ts';
import { defaultConfig } from '../../../src/orchestra/server/config/config.ts';
import { dataDirectory, makeDataDirectory } from '../../../src/orchestra/server/data-directory.ts';
import { openClusterStore } from '../../../src/orchestra/server/state/store.ts';
import { systemClock } from '../../../src/shared/clock.ts';

/** A cluster without its HTTP application, in a directory of its own: for tests of single rooms. */
export interface TemporaryCluster extends Cluster {
  /** Lets go of the store and removes everything. */
  remove(): void;
}

/** Makes one, in `parent` or the system's directory for temporary files. */
export function temporaryCluster(parent: string = tmpdir()): TemporaryCluster {
  const directory = dataDirectory(mkdtempSync(join(parent, 'maestro-cluster-')));
  makeDataDirectory(directory);
  const store = openClusterStore(directory.root, { mayMake: true });
  return {
    directory,
    config: defaultConfig(2),
    store,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    remove() {
      store.close();
      rmSync(directory.root, { recursive: true, force: true });
    },
  };
}

/** Adds an active user whose password nobody knows. */
export function addUserRow({ store, clock }: Cluster, name: string, role: Actor['role'] = 'user'): Actor {
  const { lastInsertRowid } = store
    .prepare(
      `INSERT INTO user (name, password, role, state, max_priority, created_at) VALUES (?, '!', ?, 'active', 100, ?)`,
    )
    .run(name, role, clock.now());
  return { id: Number(lastInsertRowid), name, role };
}
