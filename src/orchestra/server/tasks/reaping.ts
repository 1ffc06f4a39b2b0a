import type { TaskState } from '../../api/tasks.ts';
import type { ClusterConfig } from '../config/config.ts';
import { ENDED_STATES } from './task-states.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * The next step of an ended task's removal, if it is time for it. Each step counts from the one before, so that after
 * a server has been down for weeks every task is still announced its removal, as long before as any other.
 */
export function reapingStep(
  { state, stateAt }: { readonly state: TaskState; readonly stateAt: number },
  { warnDays, warnAgainDays, removeDays }: ClusterConfig['reaping'],
  now: number,
): 'to_be_removed' | 'to_be_removed_soon' | 'removed' | undefined {
  const hasPassed = (days: number): boolean => now - stateAt >= days * DAY_MS;
  if (state === 'to_be_removed_soon') return hasPassed(removeDays - warnAgainDays) ? 'removed' : undefined;
  if (state === 'to_be_removed')
    return hasPassed(warnAgainDays - warnDays) ? 'to_be_removed_soon' : undefined;
  const isEnded = (ENDED_STATES as readonly TaskState[]).includes(state);
  return isEnded && hasPassed(warnDays) ? 'to_be_removed' : undefined;
}
