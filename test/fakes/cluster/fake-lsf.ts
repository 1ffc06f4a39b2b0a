import { Cluster } from './cluster.ts';
import type { FakeOptions, FakeScheduler } from './fake-scheduler.ts';
import { LsfCommands, type LsfDetails } from './lsf-commands.ts';
import { CommandServer } from './server.ts';

/** An LSF that runs its jobs on this machine. */
export async function startFakeLsf(options: FakeOptions): Promise<FakeScheduler<LsfDetails>> {
  const { directory, slots = 8, roundTripMs = 0 } = options;
  const cluster = new Cluster<LsfDetails>(slots);
  const commands = new LsfCommands(cluster, directory, ['normal', 'q', 'debug']);
  const server = new CommandServer(directory, commands.answer, roundTripMs);
  await server.bringUp();
  return { cluster, server };
}
