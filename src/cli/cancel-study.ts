import { quoteForShell } from '../shared/quote-for-shell.ts';
import { sendCancel } from '../shared/send-cancel.ts';
import { type Overview, takeOverview } from '../shared/status/snapshot.ts';
import { waitForStudy } from '../shared/status/wait-for-study.ts';
import type { LogOptions } from './global-flags.ts';
import { print, printAside } from './output.ts';
import { countsText, stepsText } from './render/overview.ts';

/**
 * How long a cancelled study may take to end before the command says so and leaves it to itself, in
 * milliseconds: twice what steps get to end in order before they are killed.
 */
const WAIT_MS = 60_000;

/** Cancels a study. Returns the exit code. */
export async function cancelStudy(
  directory: string,
  options: {
    readonly confirm: (question: string) => Promise<boolean>;
    readonly log: (studyName: string) => LogOptions;
    readonly waits: boolean;
  },
): Promise<number> {
  const before = takeOverview(directory);
  const { directory: path, summary, done } = before;
  if (hasEnded(before)) return 0;
  const question = `Cancel ${path} (${stepsText(summary.total - done)} not done)?`;
  if (!(await options.confirm(question))) return 0;
  // The study may have come to its end while the user thought.
  if (hasEnded(takeOverview(path))) return 0;
  await sendCancel(path, options.log(summary.name));
  if (!options.waits) {
    print(`${path} is being cancelled`);
    return 0;
  }
  const after = await untilEnded(path);
  if (hasEnded(after)) return 0;
  const counts = countsText(after.summary.counts);
  printAside(`still cancelling: ${counts}; see maestro status ${quoteForShell(path)}`);
  return 0;
}

/** Says so where a study has ended. */
function hasEnded({ directory, summary }: Overview): boolean {
  if (summary.outcome === undefined) return false;
  print(`${directory} has ended: ${summary.outcome}`);
  return true;
}

/** The study once it has ended, or as it is when the bound is reached. */
async function untilEnded(directory: string): Promise<Overview> {
  const look = () => [takeOverview(directory)].find(({ summary }) => summary.outcome !== undefined);
  return (await waitForStudy(directory, WAIT_MS, look)) ?? takeOverview(directory);
}
