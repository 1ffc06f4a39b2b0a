import { requestCancel } from './control.ts';
import type { LaunchOptions } from './launch-conductor.ts';
import { launchUnlessConducted } from './send-repair.ts';
import { takeOverview } from './status/snapshot.ts';

/**
 * Asks for a study to be cancelled. Only a conductor can end what may still run of it, so one is started where
 * nobody conducts the study.
 */
export async function sendCancel(directory: string, log: LaunchOptions): Promise<void> {
  requestCancel(directory);
  if (takeOverview(directory).leaseState !== 'live') await launchUnlessConducted(directory, log);
}
