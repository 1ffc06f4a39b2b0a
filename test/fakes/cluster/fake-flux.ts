import { Cluster } from './cluster.ts';
import type { FakeOptions, FakeScheduler } from './fake-scheduler.ts';
import { FluxCommands, type FluxDetails } from './flux-commands.ts';
import { CommandServer } from './server.ts';

export interface FakeFlux extends FakeScheduler<FluxDetails> {
  readonly commands: FluxCommands;
  /** The instance's URI, without which no command finds it. */
  readonly uri: string;
}

/** An instance of Flux that runs its jobs on this machine. */
export async function startFakeFlux({
  directory,
  slots = 8,
  roundTripMs = 0,
}: FakeOptions): Promise<FakeFlux> {
  const cluster = new Cluster<FluxDetails>(slots);
  const uri = `local://${directory}/flux`;
  const commands = new FluxCommands(cluster, { uri, queues: ['q', 'batch', 'debug'] });
  const server = new CommandServer(directory, commands.answer, roundTripMs);
  await server.bringUp();
  return { cluster, commands, server, uri };
}
