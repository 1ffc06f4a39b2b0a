import { isFinal, type StepState } from '../shared/state/states.ts';
import { formatTime } from '../shared/state/status-csv.ts';
import { recentPace } from '../shared/status/progress.ts';
import type { Overview } from '../shared/status/snapshot.ts';
import type { ShownChange } from './conduct-in-foreground.ts';
import { isLiveTerminal, print, terminalWidth } from './output.ts';
import { noteText, overviewLines, paintStudyState } from './render/overview.ts';
import { type Failure, progressLines } from './render/progress-block.ts';
import type { Theme } from './render/theme.ts';
import { printable, wrapTo } from './render/width.ts';

/** What a turn of the conductor tells. */
export interface ForegroundProgress {
  readonly counts: ReadonlyMap<StepState, number>;
  readonly total: number;
  readonly changes: readonly ShownChange[];
}

/** Shows the progress of a study in the foreground. */
export interface Onlooker {
  readonly see: (progress: ForegroundProgress) => void;
  /** Says how it ended. */
  readonly finish: (overview: Overview) => void;
  /** Lets go of the terminal, whatever happened. */
  readonly close: () => void;
}

/** The live block is drawn at most this often, in milliseconds: drawing must not slow the steps down. */
const REDRAW_MS = 100;

/** The clock in the block goes on, in milliseconds, where no step changes. */
const TICK_MS = 1000;

/** Columns where there is nothing to tell how many there are. */
const FALLBACK_WIDTH = 80;

/** How many of the newest ends tell the pace. */
const PACE_WINDOW = 500;

/** How many of the newest failures are shown. */
const SHOWN_FAILURES = 5;

/**
 * A live block on a terminal, else a line a change of state. Nothing but the end beside a log that goes to the
 * output: it says the same.
 */
export async function createOnlooker(
  overview: Overview,
  theme: Theme,
  hasLogOnOutput: boolean,
): Promise<Onlooker> {
  if (isLiveTerminal() && !hasLogOnOutput) return createLiveBlock(overview, theme);
  print(theme.faint(overview.directory));
  return {
    see: hasLogOnOutput ? () => {} : printChanges,
    finish: (end) => print(...overviewLines(end, theme, terminalWidth())),
    close: () => {},
  };
}

/** One write a turn, however many steps it moved. */
function printChanges({ changes }: ForegroundProgress): void {
  const time = formatTime(Date.now());
  const lines = changes.map(
    ({ name, from, to, why }) => `${time} ${printable(`${name}: ${from} -> ${to} (${why})`)}\n`,
  );
  process.stdout.write(lines.join(''));
}

async function createLiveBlock({ directory, summary }: Overview, theme: Theme): Promise<Onlooker> {
  const { createLogUpdate } = await import('log-update');
  const draw = createLogUpdate(process.stdout);
  const since = Date.now();
  const { name, total } = summary;
  let { counts } = summary;
  let recentEnds: number[] = [];
  let failures: Failure[] = [];
  let due: NodeJS.Timeout | undefined;

  const redraw = () => {
    clearTimeout(due);
    due = undefined;
    const now = Date.now();
    const pace = recentPace(recentEnds, since, now);
    const view = { name, directory, counts, total, elapsedMs: now - since, pace, failures };
    draw(progressLines(view, terminalWidth() ?? FALLBACK_WIDTH, theme).join('\n'));
  };
  const clock = setInterval(redraw, TICK_MS).unref();
  const close = () => {
    clearInterval(clock);
    clearTimeout(due);
    draw.done();
  };
  redraw();
  return {
    see: (progress) => {
      counts = progress.counts;
      recentEnds = newest([...endsOf(progress.changes, Date.now()), ...recentEnds], PACE_WINDOW);
      failures = [...failures, ...failuresOf(progress.changes)].slice(-SHOWN_FAILURES);
      due ??= setTimeout(redraw, REDRAW_MS).unref();
    },
    finish: (end) => {
      redraw();
      close();
      print(...endLines(end, theme));
    },
    close,
  };
}

/** What is said below the block when it has come to its end: the block itself stays and tells the rest. */
function endLines(overview: Overview, theme: Theme): string[] {
  const { state } = overview;
  const [first = '', ...rest] = wrapTo(
    [state, noteText(overview)].filter((text) => text !== undefined).join(' · '),
    (terminalWidth() ?? FALLBACK_WIDTH) - 2,
  );
  return [
    `  ${first.replace(state, (text) => paintStudyState(state, text, theme))}`,
    ...rest.map((line) => `  ${line}`),
  ];
}

function endsOf(changes: readonly ShownChange[], now: number): number[] {
  return changes.filter(({ to }) => isFinal(to)).map(() => now);
}

function newest(ends: number[], limit: number): number[] {
  return ends.length > limit ? ends.slice(0, limit) : ends;
}

/** Failures of steps themselves: that all their descendants fail with them goes without saying. */
function failuresOf(changes: readonly ShownChange[]): Failure[] {
  return changes
    .filter(({ from, to }) => from !== 'INITIALIZED' && (to === 'FAILED' || to === 'TIMEDOUT'))
    .map(({ name, to, why }) => ({ name, state: to, why }));
}
