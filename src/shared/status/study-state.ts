import type { LeaseState } from '../state/lease.ts';
import type { StudySummary } from '../state/queries.ts';

/** What a study as a whole is doing. `stopped`: it has not ended, and nobody conducts it. */
export const STUDY_STATES = [
  'running',
  'cancelling',
  'stopped',
  'finished',
  'failed',
  'cancelled',
  'dry',
] as const;

/** How a study as a whole stands. */
export type StudyState = (typeof STUDY_STATES)[number];

/** How a study stands, by what it has recorded of itself and by whether somebody conducts it. */
export function studyStateOf(
  summary: Pick<StudySummary, 'outcome' | 'cancelRequestedAt'>,
  leaseState: LeaseState,
): StudyState {
  if (summary.outcome !== undefined) return summary.outcome;
  if (leaseState !== 'live') return 'stopped';
  return summary.cancelRequestedAt === undefined ? 'running' : 'cancelling';
}
