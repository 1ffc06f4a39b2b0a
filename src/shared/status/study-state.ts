import type { LeaseState } from '../state/lease.ts';
import type { StudySummary } from '../state/queries.ts';
import type { StudyState } from '../state/states.ts';

/** How a study stands, by what it has recorded of itself and by whether somebody conducts it. */
export function studyStateOf(
  summary: Pick<StudySummary, 'outcome' | 'cancelRequestedAt'>,
  leaseState: LeaseState,
): StudyState {
  if (summary.outcome !== undefined) return summary.outcome;
  if (leaseState !== 'live') return 'stopped';
  return summary.cancelRequestedAt === undefined ? 'running' : 'cancelling';
}
