import { Killed, sufferers } from './conductor.ts';
import type { Scenario } from './scenario.ts';
import { type RunResult, SimulatedWorld } from './world.ts';

let playing: SimulatedWorld | undefined;

/** A promise that nobody waits for and that fails ends a process: so it does here. */
function onUnhandled(error: unknown): void {
  if (error instanceof Killed) return;
  const sufferer = error instanceof Error ? sufferers.get(error) : undefined;
  if (sufferer !== undefined) sufferer.failed(error);
  else playing?.violate(`nobody handles ${error instanceof Error ? (error.stack ?? error.message) : error}`);
}

/** Plays a scenario to its end. One at a time in a process. */
export async function play(
  scenario: Scenario,
  { isTraced = false }: { readonly isTraced?: boolean } = {},
): Promise<RunResult> {
  process.on('unhandledRejection', onUnhandled);
  try {
    playing = new SimulatedWorld(scenario, { isTraced });
    return await playing.play();
  } finally {
    process.off('unhandledRejection', onUnhandled);
    playing = undefined;
  }
}
