import { isInFlight, type StepState } from '../../shared/state/states.ts';
import type { Snapshot, StepRow } from '../../shared/status/snapshot.ts';
import { overviewLines, stepsText } from './overview.ts';
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

/** Lines of a table that are no steps: its headers, their rule, and the note below it. */
const FRAME_LINES = 3;

function fittingLines(snapshot: Snapshot, options: PageOptions, room: number, isLast: boolean): string[] {
  const chosen = mostTelling(snapshot.steps, Math.max(0, room - FRAME_LINES));
  const lines = [...stepLines({ ...snapshot, steps: chosen }, { ...options, isShort: true })].slice(
    0,
    Math.max(0, room - 1),
  );
  const hidden = snapshot.steps.length - chosen.length;
  const notes = [...(hidden > 0 ? [`and ${stepsText(hidden)} more`] : []), ...(isLast ? ['q leaves'] : [])];
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
  if (state === 'REMOVED') return 4;
  if (state === 'INITIALIZED' || state === 'DRYRUN') return 3;
  return state === 'FINISHED' ? 2 : 1;
}

function lastMoved(step: StepRow): number {
  return step.endedAt ?? 0;
}
