import { Cluster } from './cluster.ts';
import type { FakeOptions, FakeScheduler } from './fake-scheduler.ts';
import { PbsCommands, type PbsDetails, type PbsSetup } from './pbs-commands.ts';
import { CommandServer } from './server.ts';

/** A PBS that runs its jobs on this machine; OpenPBS with all that it can do, if nothing else is said. */
export async function startFakePbs(
  options: FakeOptions,
  setup: Partial<PbsSetup> = {},
): Promise<FakeScheduler<PbsDetails>> {
  const { directory, slots = 8, roundTripMs = 0 } = options;
  const cluster = new Cluster<PbsDetails>(slots);
  const commands = new PbsCommands(cluster, {
    flavour: 'openpbs',
    queues: ['workq', 'q', 'debug'],
    keepsHistory: true,
    ...setup,
  });
  const server = new CommandServer(directory, commands.answer, roundTripMs);
  await server.bringUp();
  return { cluster, server };
}
