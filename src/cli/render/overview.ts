import { quoteForShell } from '../../shared/quote-for-shell.ts';
import { describeHolder } from '../../shared/state/lease.ts';
import type { StudyState } from '../../shared/state/states.ts';
import { STEP_STATES, type StepState } from '../../shared/state/states.ts';
import { percentOf } from '../../shared/status/progress.ts';
import type { Overview } from '../../shared/status/snapshot.ts';
import { clockText, momentText } from './duration.ts';
import type { Theme } from './theme.ts';
import { wrapTo } from './width.ts';

/** What `status` says of a study above its steps: how far it is, how its steps stand, who conducts it. */
export function overviewLines(overview: Overview, theme: Theme, width?: number): string[] {
  const { summary, directory } = overview;
  const notes = [pausesText(overview), noteText(overview)].filter((note) => note !== undefined);
  return [
    [theme.strong(summary.name), ...summaryParts(overview, theme)].join(SEPARATOR),
    countsText(summary.counts, theme),
    theme.faint(directory),
    ...notes.flatMap((note) => wrapTo(note, width ?? Number.POSITIVE_INFINITY).map(theme.faint)),
  ];
}

/** The cells of a line of `--summary`: the same facts, as text without colour. */
export function overviewCells(overview: Overview): string[] {
  return [
    isPaused(overview) ? `${overview.state} ${PAUSED}` : overview.state,
    progressText(overview),
    `${percentOf(overview.done, overview.summary.total)} %`,
    clockText(overview.elapsedMs),
    overview.remainingMs === undefined ? '–' : clockText(overview.remainingMs),
    countsText(overview.summary.counts),
    overview.directory,
  ];
}

const SEPARATOR = ' · ';

const PAUSED = 'PAUSED';

/** Whether a study that has not ended was told to start nothing more. */
export function isPaused({ summary }: Overview): boolean {
  return summary.isPaused && summary.outcome === undefined;
}

function summaryParts(overview: Overview, theme: Theme): string[] {
  const { done, summary, elapsedMs, remainingMs } = overview;
  return [
    paintStudyState(overview.state, overview.state, theme),
    ...(isPaused(overview) ? [theme.warning(PAUSED)] : []),
    `${progressText(overview)} steps (${percentOf(done, summary.total)} %)`,
    `${summary.outcome === undefined ? 'elapsed' : 'took'} ${clockText(elapsedMs)}`,
    ...(remainingMs === undefined ? [] : [`about ${clockText(remainingMs)} left`]),
  ];
}

function progressText({ done, summary }: Overview): string {
  return `${grouped(done)} of ${grouped(summary.total)}`;
}

/** `FINISHED 3 · RUNNING 2`, in the order of a step's life; states without steps are left out. */
export function countsText(counts: ReadonlyMap<StepState, number>, theme?: Theme): string {
  return STEP_STATES.filter((state) => (counts.get(state) ?? 0) > 0)
    .map((state) => {
      const text = `${state} ${grouped(counts.get(state)!)}`;
      return theme === undefined ? text : theme.state(state, text);
    })
    .join(SEPARATOR);
}

/** A text in the colour of a study's state. */
export function paintStudyState(state: StudyState, text: string, theme: Theme): string {
  switch (state) {
    case 'finished':
      return theme.good(text);
    case 'failed':
      return theme.error(text);
    case 'running':
      return theme.active(text);
    case 'cancelled':
    case 'cancelling':
    case 'stopped':
      return theme.warning(text);
    case 'dry':
      return text;
  }
}

/** `2 steps wait to be tried again, the first until 04:45:52`. */
function pausesText({ pauses, takenAt }: Overview): string | undefined {
  if (pauses === undefined) return undefined;
  const { count, next } = pauses;
  const until = momentText(next, takenAt);
  return count === 1
    ? `1 step waits to be tried again, until ${until}`
    : `${stepsText(count)} wait to be tried again, the first until ${until}`;
}

/** What to know or to do next, if there is anything: who conducts, how to go on, where to look. */
export function noteText(overview: Overview): string | undefined {
  if (overview.state === 'failed') {
    return failedText(overview.directory);
  }
  if (overview.state === 'finished' || overview.state === 'cancelled') return undefined;
  // Where nobody conducts it, resume is named for that already, and does both.
  return isPaused(overview) && overview.leaseState === 'live'
    ? `paused: nothing more is started; \`maestro resume ${quoteForShell(overview.directory)}\` goes on`
    : conductorText(overview);
}

/** What to look at, and what to do once the cause is mended. */
function failedText(directory: string): string {
  const quoted = quoteForShell(directory);
  return `what failed: \`maestro status --state failed ${quoted}\`; to run that again: \`maestro retry ${quoted}\``;
}

/** Who conducts the study, or what to do where nobody does. */
export function conductorText({ state, lease, leaseState, directory, takenAt }: Overview): string {
  if (lease !== undefined && leaseState === 'live') {
    return `conducted by ${describeHolder(lease)}, for ${clockText(takenAt - lease.acquiredAt)}`;
  }
  switch (state) {
    case 'dry':
      return 'a dry run: its scripts are written, nothing is run';
    case 'finished':
    case 'failed':
    case 'cancelled':
      return 'it has ended; nobody conducts it';
    case 'running':
    case 'cancelling':
    case 'stopped':
      return `${whyNobody(lease, leaseState)}; \`maestro resume ${quoteForShell(directory)}\` goes on`;
  }
}

function whyNobody(lease: Overview['lease'], leaseState: Overview['leaseState']): string {
  if (lease === undefined) return 'no conductor: none was ever started';
  const holder = describeHolder(lease);
  return leaseState === 'stale'
    ? `no conductor: ${holder}, has died`
    : `no conductor: ${holder}, left in order`;
}

/** `12,345`: large counts are read in groups. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 step`, `2,000 steps`. */
export function stepsText(count: number): string {
  return `${grouped(count)} ${count === 1 ? 'step' : 'steps'}`;
}
