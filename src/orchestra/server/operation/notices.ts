import type { Cluster } from '../cluster.ts';

/** What whoever starts the server should read on the terminal, a line each. */
export function notices({ config, store, directory }: Cluster, isInsecure: boolean): string[] {
  const open = config.queues
    .filter(({ runtime }) => runtime === 'none')
    .map(({ name }) => `queue ${name} has the runtime none: its jobs may do whatever this server may`);
  const insecure = isInsecure
    ? [
        'without TLS, passwords and tokens can be read by whoever is on the way: that is what --insecure allows',
      ]
    : [];
  // Whatever leads out of a container leads to whoever serves.
  const asRoot =
    process.getuid?.() === 0
      ? ['this server runs as root, and so do its jobs; give it a user of its own']
      : [];
  const first = hasAdministrator(store)
    ? []
    : [
        `there is no administrator yet; make one: maestro orchestra user add NAME --role admin --activate --data ${directory.root}`,
      ];
  return [...open, ...insecure, ...asRoot, ...first];
}

function hasAdministrator(store: Cluster['store']): boolean {
  const found = store.prepare("SELECT 1 FROM user WHERE role = 'admin' AND state = 'active' LIMIT 1").get();
  return found !== undefined;
}
