/** How much one job of a user lowers the priority of that user's next one. */
const WEIGHT = 1 / 5;

/**
 * The LCG rule: the priority of an assigned job, the highest of a queue to run next. It falls with what its user
 * has assigned or running already (`load`), and with its rank among the user's assigned jobs, from 0.
 */
export function priorityOf(maxPriority: number, load: number, rank: number): number {
  return maxPriority - (load + rank) * WEIGHT;
}
