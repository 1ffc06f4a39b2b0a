import { UserError } from '../../shared/errors.ts';
import { quoteForShell } from '../../shared/quote-for-shell.ts';
import { refusalOf, retriedCount } from '../../shared/repair-answer.ts';
import type { RetryChoice } from '../../shared/retry-choice.ts';
import { sendRepair } from '../../shared/send-repair.ts';
import { type Overview, takeSnapshot } from '../../shared/status/snapshot.ts';
import { createStepFilter } from '../../shared/status/step-filter.ts';
import type { LogOptions } from '../global-flags.ts';
import { unknownStep } from '../log-files.ts';
import { print, printAside, terminalWidth } from '../output.ts';
import { stepsText } from '../render/overview.ts';
import type { Theme } from '../render/theme.ts';
import { touchedLines } from '../render/touched-steps.ts';
import { printable } from '../render/width.ts';
import { type Prospect, prospectOfRetry } from './prospect.ts';

/** How `retry` goes about it. */
export interface RetryOptions {
  readonly theme: Theme;
  /** Say what would run, and leave it at that. */
  readonly dry: boolean;
  readonly confirm: (question: string) => Promise<boolean>;
  readonly log: (studyName: string) => LogOptions;
}

/** Refusals are told up to this many; more have the same few causes. */
const SHOWN_REFUSALS = 5;

/** Runs steps of a study again. Returns the exit code: 1 where none of those chosen can be run again. */
export async function retryStudy(
  argument: string,
  choice: RetryChoice,
  options: RetryOptions,
): Promise<number> {
  const prospect = prospectOfRetry(argument, choice.filter, choice.descendants);
  const { overview, touched, matches } = prospect;
  const { directory, summary } = overview;
  if (summary.outcome === 'dry') {
    throw new UserError(`${directory} is a dry run`, 'run the specification without --dry');
  }
  if (matches === 0) {
    print(`${directory}: nothing to retry; ${nothingText(overview, choice)}`);
    return 0;
  }
  showProspect(prospect, options.theme);
  if (touched.length === 0) {
    const all = `maestro retry ${quoteForShell(directory)}`;
    printAside(`choose what they need too; \`${all}\` runs all again that did not finish`);
    return 1;
  }
  print('', ...consequences(overview, choice));
  if (options.dry) {
    print('This was a dry run: nothing is changed.');
    return 0;
  }
  if (!(await options.confirm(`Run ${stepsText(touched.length)} again?`))) return 0;
  return sendRetry(prospect, choice, options.log(summary.name));
}

async function sendRetry(
  { overview, touched, refused }: Prospect,
  { descendants, clean }: RetryChoice,
  log: LogOptions,
): Promise<number> {
  const { directory } = overview;
  const steps = touched.filter(({ isChosen }) => isChosen).map(({ id }) => id);
  const sent = await sendRepair(directory, { kind: 'retry', steps, descendants, clean }, log);
  if (sent.kind === 'left') {
    printAside(`${directory}: the request is left, and not taken yet; see ${lookCommand(directory)}`);
    return 0;
  }
  const known = new Set(refused);
  tellRefusals(sent.answers.flatMap((answer) => refusalOf(answer) ?? []).filter((why) => !known.has(why)));
  const counts = sent.answers.flatMap((answer) => retriedCount(answer) ?? []);
  if (counts.length === 0) return 1;
  const count = counts.reduce((sum, some) => sum + some, 0);
  print(`${directory}: running ${stepsText(count)} again${byWhom(sent.launched)}`);
  print(`how it goes: maestro status ${quoteForShell(directory)}`);
  return 0;
}

function showProspect({ overview, touched, refused }: Prospect, theme: Theme): void {
  if (touched.length > 0) {
    const width = terminalWidth();
    const follows = 'depends on what runs again';
    print(
      `${overview.directory}: ${stepsText(touched.length)} to run again`,
      '',
      ...touchedLines(touched, { theme, width, follows }),
    );
  } else print(`${overview.directory}: nothing can be run again`);
  tellRefusals(refused);
}

function tellRefusals(refused: readonly string[]): void {
  for (const why of refused.slice(0, SHOWN_REFUSALS)) printAside(`not retried: ${printable(why)}`);
  const more = refused.length - SHOWN_REFUSALS;
  if (more > 0) printAside(`and ${stepsText(more)} more that cannot be retried`);
}

/** What a user should know before saying yes. */
function consequences(overview: Overview, { clean, descendants }: RetryChoice): string[] {
  const { directory, summary, leaseState } = overview;
  const resume = `\`maestro resume ${quoteForShell(directory)}\``;
  return [
    clean
      ? 'Their workspaces are moved aside first, each to <workspace>.attempt-N.'
      : 'Their workspaces stay as they are; --clean would move them aside first.',
    ...(descendants ? [] : ['What depends on them is left as it is (--only).']),
    ...(leaseState !== 'live' && summary.outcome === undefined
      ? ['Nobody conducts the study now: what else is left of it goes on too.']
      : []),
    ...(summary.isPaused ? [`The study is paused: they start after ${resume}.`] : []),
  ];
}

/** Why there is nothing to retry. Throws a UserError where a name that was given is no step's. */
function nothingText({ summary, done, directory }: Overview, { named }: RetryChoice): string {
  const unknown = named.find((pattern) => !hasStep(directory, pattern));
  if (unknown !== undefined) throw unknownStep(directory, unknown);
  const isAllWell = done === (summary.counts.get('FINISHED') ?? 0);
  const what = isAllWell ? 'no step has failed' : 'no step that has failed matches';
  return `${what} (--from STEP runs a finished one again, and what follows it)`;
}

function hasStep(directory: string, pattern: string): boolean {
  return takeSnapshot(directory, createStepFilter({ steps: [pattern] }), false).steps.length > 0;
}

function byWhom(pid: number | undefined): string {
  return pid === undefined ? '' : `, conducted by process ${pid}`;
}

function lookCommand(directory: string): string {
  return `\`maestro status ${quoteForShell(directory)}\``;
}
