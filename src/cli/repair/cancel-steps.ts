import { quoteForShell } from '../../shared/quote-for-shell.ts';
import { sendRepair } from '../../shared/send-repair.ts';
import { readUnsettled } from '../../shared/state/queries.ts';
import { readStudyAt } from '../../shared/status/snapshot.ts';
import type { StepFilter } from '../../shared/status/step-filter.ts';
import { waitForStudy } from '../../shared/status/wait-for-study.ts';
import type { LogOptions } from '../global-flags.ts';
import { print, printAside, terminalWidth } from '../output.ts';
import { stepsText } from '../render/overview.ts';
import type { Theme } from '../render/theme.ts';
import { touchedLines } from '../render/touched-steps.ts';
import { prospectOfCancel } from './prospect.ts';

/** How a part of a study is cancelled. */
export interface CancelStepsOptions {
  readonly theme: Theme;
  readonly confirm: (question: string) => Promise<boolean>;
  readonly log: (studyName: string) => LogOptions;
  readonly waits: boolean;
}

/** How long running steps may take to end before the command leaves them to themselves: see `cancelStudy`. */
const WAIT_MS = 60_000;

/** Cancels some steps of a study and what waits for them; the rest goes on. Returns the exit code. */
export async function cancelSteps(
  argument: string,
  filter: StepFilter,
  options: CancelStepsOptions,
): Promise<number> {
  const { overview, touched, matches } = prospectOfCancel(argument, filter);
  const { directory, summary, leaseState } = overview;
  if (summary.outcome !== undefined) {
    print(`${directory} has ended: ${summary.outcome}`);
    return 0;
  }
  if (touched.length === 0) {
    print(`${directory}: nothing to cancel; ${matches === 0 ? 'no step matches' : 'what matches has ended'}`);
    return 0;
  }
  const look = { theme: options.theme, width: terminalWidth(), follows: 'depends on what is cancelled' };
  print(`${directory}: ${stepsText(touched.length)} to cancel`, '', ...touchedLines(touched, look), '');
  if (leaseState !== 'live')
    print('Nobody conducts the study now: a conductor is started, and the rest goes on.');
  if (!(await options.confirm(`Cancel ${stepsText(touched.length)}?`))) return 0;
  const steps = touched.filter(({ isChosen }) => isChosen).map(({ id }) => id);
  const sent = await sendRepair(directory, { kind: 'cancel-steps', steps }, options.log(summary.name));
  const status = `\`maestro status ${quoteForShell(directory)}\``;
  if (sent.kind === 'left') {
    printAside(`${directory}: the request is left, and not taken yet; see ${status}`);
    return 0;
  }
  print(`${directory}: ${stepsText(touched.length)} ${touched.length === 1 ? 'is' : 'are'} being cancelled`);
  if (options.waits)
    await tellEnd(
      directory,
      touched.map(({ id }) => id),
      status,
    );
  return 0;
}

async function tellEnd(directory: string, steps: readonly number[], status: string): Promise<void> {
  const count = () => readStudyAt(directory, (store) => readUnsettled(store, steps));
  const left = await waitForStudy(directory, WAIT_MS, () => (count() === 0 ? 0 : undefined));
  if (left === 0) print(`${directory}: cancelled`);
  else printAside(`${stepsText(count())} still being ended; see ${status}`);
}
