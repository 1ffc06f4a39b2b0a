import { UserError } from '../../shared/errors.ts';
import { launchConductor } from '../../shared/launch-conductor.ts';
import { type CheckedStudy, checkStudy, type StudyRequest } from '../../shared/prepare/prepare.ts';
import { renewStudyDirectory } from '../../shared/prepare/renew-directory.ts';
import { quoteForShell } from '../../shared/quote-for-shell.ts';
import { describeHolder } from '../../shared/state/lease.ts';
import { isInFlight } from '../../shared/state/states.ts';
import { reportDiagnostics } from '../diagnostics.ts';
import type { LogOptions } from '../global-flags.ts';
import { interruptible } from '../interruption.ts';
import { print, printAside, printLines, terminalWidth } from '../output.ts';
import { stepsText } from '../render/overview.ts';
import { renewalJson, renewalLines } from '../render/renewal.ts';
import type { Theme } from '../render/theme.ts';
import { EXIT_ERROR } from '../report.ts';
import { warnOfScheduler } from '../scheduler-warnings.ts';
import {
  type KnownStudy,
  prospectOfRenewal,
  type RenewalProspect,
  readKnownStudy,
} from './renewal-prospect.ts';

/** How a study is given another specification. */
export interface RenewOptions {
  /** The specification, and the generator if there is one. */
  readonly request: StudyRequest;
  /** What finished steps ask for may change without making them run again. */
  readonly ignoresResources: boolean;
  readonly clean: boolean;
  readonly dry: boolean;
  readonly json: boolean;
  readonly theme: Theme;
  readonly confirm: (question: string) => Promise<boolean>;
  readonly log: (studyName: string) => LogOptions;
}

/** Gives a study another specification, and runs what follows from it. Returns the exit code. */
export async function renewStudy(argument: string, options: RenewOptions): Promise<number> {
  const known = readKnownStudy(argument);
  if (!options.dry) refuseIfBusy(known);
  const { diagnostics, checked } = await checkStudy({ ...options.request, renews: known.record });
  reportDiagnostics(diagnostics);
  if (checked === undefined) return EXIT_ERROR;
  await warnOfScheduler(checked);
  const prospect = prospectOfRenewal(known, checked, options.ignoresResources);
  await show(prospect, options);
  // What a program reads is the table alone.
  const say = options.json ? (line: string): void => printAside(line) : (line: string): void => print(line);
  if (prospect.isNothing) {
    say('The specification says what the study is already: nothing is changed.');
    return 0;
  }
  for (const line of ['', ...consequences(prospect, options)]) say(line);
  if (options.dry) {
    say('This was a dry run: nothing is changed.');
    return 0;
  }
  if (!(await options.confirm('Give the study this specification?'))) return 0;
  for (const line of await carryOut(prospect, checked, options)) say(line);
  return 0;
}

/** Throws a UserError where steps are, or may be, under way: what runs belongs to the plan that there is. */
function refuseIfBusy({ overview, states }: KnownStudy): void {
  const { directory, lease, leaseState } = overview;
  const cancel = `maestro cancel ${quoteForShell(directory)}`;
  const mend = `end it first: ${cancel} (what has finished keeps its results), or look on with --dry`;
  if (lease !== undefined && leaseState === 'live') {
    throw new UserError(`${directory} is conducted by ${describeHolder(lease)}`, mend);
  }
  const inFlight = states.filter(isInFlight).length;
  if (inFlight === 0) return;
  const which = `${stepsText(inFlight)} of ${directory} ${inFlight === 1 ? 'was' : 'were'} under way when its conductor left`;
  throw new UserError(which, `find out how that ended: maestro resume, or ${cancel}`);
}

async function show(prospect: RenewalProspect, { json, theme }: RenewOptions): Promise<void> {
  await printLines(json ? renewalJson(prospect) : renewalLines(prospect, { theme, width: terminalWidth() }));
}

/** What a user should know before saying yes. */
function consequences({ known, renewal }: RenewalProspect, { clean }: RenewOptions): string[] {
  const { directory, summary } = known.overview;
  const kinds = new Set(renewal.fates.map(({ kind }) => kind));
  const isRunAgain = kinds.has('again') || kinds.has('back');
  const resume = `\`maestro resume ${quoteForShell(directory)}\``;
  return [
    ...(isRunAgain
      ? [
          clean
            ? 'Workspaces of steps that run again are moved aside first, each to <workspace>.attempt-N.'
            : 'Workspaces of steps that run again stay as they are; --clean would move them aside first.',
        ]
      : []),
    ...(kinds.has('removed')
      ? [
          'Workspaces of removed steps move to _removed/ in the study directory, where nothing gathers from them.',
        ]
      : []),
    ...(summary.isPaused ? [`The study is paused: steps start after ${resume}.`] : []),
  ];
}

async function carryOut(
  { known, renewal }: RenewalProspect,
  checked: CheckedStudy,
  { clean, log }: RenewOptions,
): Promise<string[]> {
  const { directory, summary } = known.overview;
  const planned = { renewal, before: known.record, plannedAfter: known.newestEvent, clean };
  await interruptible((signal) =>
    renewStudyDirectory({ ...checked, request: { ...checked.request, signal } }, planned),
  );
  const { pid } = await launchConductor(directory, log(summary.name));
  return [
    `${directory} has its new specification, conducted by process ${pid}`,
    `how it goes: maestro status ${quoteForShell(directory)}`,
  ];
}
