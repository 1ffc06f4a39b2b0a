import { quoteForShell } from '../../shared/quote-for-shell.ts';
import { type SentRepair, sendRepair } from '../../shared/send-repair.ts';
import { isInFlight } from '../../shared/state/states.ts';
import { type Overview, takeOverview } from '../../shared/status/snapshot.ts';
import type { LogOptions } from '../global-flags.ts';
import { print } from '../output.ts';
import { stepsText } from '../render/overview.ts';

/** Has a study start nothing more. Returns the exit code. */
export async function pauseStudy(argument: string, log: (studyName: string) => LogOptions): Promise<number> {
  const { directory, summary, leaseState } = takeOverview(argument);
  const resume = `\`maestro resume ${quoteForShell(directory)}\` goes on`;
  if (summary.outcome !== undefined) print(`${directory} has ended: ${summary.outcome}`);
  else if (summary.isPaused) print(`${directory} is paused already; ${resume}`);
  else if (leaseState !== 'live') print(`${directory} is not conducted, so nothing is started; ${resume}`);
  else {
    const sent = await sendRepair(directory, { kind: 'pause' }, log(summary.name));
    const running = runningOf(takeOverview(directory));
    print(`${directory} ${pausedText(sent)}: ${running} in flight, no more are started; ${resume}`);
  }
  return 0;
}

function pausedText(sent: SentRepair): string {
  return sent.kind === 'left' ? 'is about to be paused' : 'is paused';
}

function runningOf({ summary }: Overview): string {
  const states = [...summary.counts].filter(([state]) => isInFlight(state));
  return stepsText(states.reduce((sum, [, count]) => sum + count, 0));
}
