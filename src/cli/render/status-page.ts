import type { Overview, Snapshot } from '../../shared/status/snapshot.ts';
import { flatLines, legacyLines, type StepsOptions } from './flat.ts';
import { narrowLines } from './narrow.ts';
import { overviewCells, overviewLines, paintStudyState } from './overview.ts';
import { type Column, tableLines } from './table.ts';
import type { Theme } from './theme.ts';

/** The pictures of steps that `status --layout` names. */
export type Layout = 'flat' | 'legacy' | 'narrow';

/** How the page of a study is to look. */
export interface PageOptions {
  readonly layout: Layout;
  readonly width: number | undefined;
  readonly theme: Theme;
  readonly isShort?: boolean;
}

/** What `status` prints: each study's overview, then its steps; studies parted by an empty line. */
export function* statusLines(snapshots: readonly Snapshot[], options: PageOptions): Generator<string> {
  for (const [index, snapshot] of snapshots.entries()) {
    if (index > 0) yield '';
    yield* overviewLines(snapshot.overview, options.theme, options.width);
    yield '';
    yield* stepLines(snapshot, options);
  }
}

/** The steps of a study in one of the layouts. */
export function* stepLines({ overview, steps }: Snapshot, options: PageOptions): Generator<string> {
  if (steps.length === 0) {
    yield options.theme.faint('no step matches');
    return;
  }
  const stepsOptions: StepsOptions = { ...options, now: overview.takenAt };
  if (options.layout === 'narrow') yield* narrowLines(steps, stepsOptions);
  else yield* (options.layout === 'flat' ? flatLines : legacyLines)(steps, stepsOptions);
}

const SUMMARY_COLUMNS: readonly Column[] = [
  { header: 'State' },
  { header: 'Steps', align: 'right' },
  { header: 'Done', align: 'right' },
  { header: 'Time', align: 'right' },
  { header: 'Left', align: 'right' },
  { header: 'Steps by state' },
  { header: 'Study' },
];

/** What `status --summary` prints: one line a study, never wrapped, so that it can be counted and searched. */
export function* summaryLines(overviews: readonly Overview[], theme: Theme): Generator<string> {
  const states = overviews.map((overview) => overview.state);
  yield* tableLines(SUMMARY_COLUMNS, overviews.map(overviewCells), {
    theme,
    paint: (text, row, column) => (column === 0 ? paintStudyState(states[row]!, text, theme) : text),
  });
}
