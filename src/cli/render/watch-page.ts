import { isInFlight, type StepState } from '../../shared/state/states.ts';
import type { Snapshot, StepRow } from '../snapshot.ts';
import { grouped, overviewLines } from './overview.ts';
import { type PageOptions, stepLines } from './status-page.ts';

/** What `status --watch` draws: all overviews, then as many steps as fit, those that matter most. */
export function watchPage(snapshots: readonly Snapshot[], options: PageOptions, height: number): string[] {
  const heads = snapshots.map(({ overview }) => [
    ...overviewLines(overview, options.theme, options.width),
    '',
  ]);
  const used = heads.reduce((sum, lines) => sum + lines.length, 0);
  const room = Math.max(0, Math.floor((height - used) / Math.max(1, snapshots.length)));
  return snapshots.flatMap((snapshot, index) => [
    ...heads[index]!,
    ...fittingLines(snapshot, options, room, index === snapshots.length - 1),
  ]);
}

/** The last line is kept for what was left out and how to leave. */
function fittingLines(snapshot: Snapshot, options: PageOptions, room: number, isLast: boolean): string[] {
  const chosen = mostTelling(snapshot.steps, room);
  const all = [...stepLines({ ...snapshot, steps: chosen }, options)];
  const lines = all.slice(0, Math.max(0, room - 1));
  const isCut = chosen.length < snapshot.steps.length || lines.length < all.length;
  const notes = [
    ...(isCut ? [`${grouped(snapshot.steps.length)} steps, the first that matter are shown`] : []),
    ...(isLast ? ['q leaves'] : []),
  ];
  if (notes.length === 0) return [...lines, ''];
  return [...lines, options.theme.faint(notes.join(' · '))];
}

/** Steps to show where there is no room for all: what runs, then what failed, then what ended last. */
export function mostTelling(steps: readonly StepRow[], room: number): readonly StepRow[] {
  if (steps.length <= room) return steps;
  return [...steps]
    .sort((a, b) => rank(a.state) - rank(b.state) || lastMoved(b) - lastMoved(a) || a.id - b.id)
    .slice(0, room);
}

function rank(state: StepState): number {
  if (isInFlight(state)) return 0;
  if (state === 'INITIALIZED' || state === 'DRYRUN') return 3;
  return state === 'FINISHED' ? 2 : 1;
}

function lastMoved(step: StepRow): number {
  return step.endedAt ?? 0;
}
