import { discardRequests } from '../../shared/control.ts';
import { launchConductor } from '../../shared/launch-conductor.ts';
import { sendRepair } from '../../shared/send-repair.ts';
import { describeHolder } from '../../shared/state/lease.ts';
import { takeOverview } from '../../shared/status/snapshot.ts';
import type { LogOptions } from '../global-flags.ts';
import { print } from '../output.ts';
import { stepsText } from '../render/overview.ts';

/** Has a study go on that was paused, or that nobody conducts. Returns the exit code. */
export async function resumeStudy(argument: string, log: (studyName: string) => LogOptions): Promise<number> {
  const { directory, summary, lease, leaseState, done } = takeOverview(argument);
  const toGo = `${stepsText(summary.total - done)} to go`;
  if (summary.outcome !== undefined) {
    print(`${directory} has ended: ${summary.outcome}`);
    for (const name of discardRequests(directory)) print(`${name} came too late and is removed`);
  } else if (summary.isPaused) {
    const sent = await sendRepair(directory, { kind: 'unpause' }, log(summary.name));
    const launched = sent.kind === 'answered' ? sent.launched : undefined;
    const by = launched === undefined ? '' : `, conducted by process ${launched}`;
    print(`${directory} is paused no more and goes on, ${toGo}${by}`);
  } else if (lease !== undefined && leaseState === 'live') {
    print(`${directory} is conducted by ${describeHolder(lease)}`);
  } else {
    print(await launch(directory, toGo, log(summary.name)));
  }
  return 0;
}

/** Of two that resume a study at once, one is too late: what was to be done is done, by the other. */
async function launch(directory: string, toGo: string, log: LogOptions): Promise<string> {
  try {
    const { pid } = await launchConductor(directory, log);
    return `${directory} goes on, ${toGo}, conducted by process ${pid}`;
  } catch (error) {
    const { lease, leaseState } = takeOverview(directory);
    if (lease === undefined || leaseState !== 'live') throw error;
    return `${directory} is conducted by ${describeHolder(lease)}`;
  }
}
