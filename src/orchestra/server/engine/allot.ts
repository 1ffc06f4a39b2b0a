import { priorityOf } from '../tasks/priority.ts';

/** A task that has jobs in a queue, as the sharing out of its slots sees it. */
export interface Contender {
  readonly task: number;
  readonly user: number;
  readonly maxPriority: number;
  /** Jobs of the user that are assigned or running, in all queues. */
  readonly load: number;
  readonly running: number;
  /** Jobs that could begin. */
  readonly ready: number;
  /** Up to how many may run already, as its conductor knows or is about to; 0 where nobody conducts it. */
  readonly allowed: number;
  /** Whether it was given slots that it has not begun jobs in yet. */
  readonly isOwed: boolean;
}

/** Jobs of a task that stand in the line, and what they are ranked by. */
interface Standing {
  readonly contender: Contender;
  isOwed: boolean;
  /** Without those that its task has slots for already. */
  waiting: number;
}

/** A user's waiting jobs, each by what its task stands for, and how many of them stand in the line already. */
interface NextJob {
  readonly jobs: readonly Standing[];
  rank: number;
}

/**
 * Shares out the slots of a queue: up to how many jobs each task may run. Nobody is interrupted: a slot is free once its
 * job has ended, and its task is not allowed to begin another one. Free slots go one by one to the job that stands first
 * in the line; a task may use the slots that it frees itself as far as no other task's job stands before its own
 * next one. The slots in use never become more than there are, whenever the conductors hear of it.
 */
export function allot(slots: number, contenders: readonly Contender[]): Map<number, number> {
  const held = contenders.map((contender) => Math.max(contender.running, contender.allowed));
  let free = slots - held.reduce((sum, count) => sum + count, 0);
  const caps = new Map<number, number>();
  const line = contenders.map((contender): Standing => {
    const { task, running, ready, allowed } = contender;
    const kept = Math.max(running, Math.min(allowed, running + ready));
    caps.set(task, kept);
    return { contender, isOwed: contender.isOwed, waiting: running + ready - kept };
  });
  const order = inLine(line, slots + Math.max(0, free));
  // Slots that nobody waits for may as well stay whose they are: no conductor need be told anything.
  if (order.length === 0)
    for (const { task, allowed } of contenders) caps.set(task, Math.max(caps.get(task)!, allowed));
  while (free > 0 && order.length > 0) {
    const next = order.shift()!;
    next.waiting--;
    next.isOwed = true;
    caps.set(next.contender.task, caps.get(next.contender.task)! + 1);
    free--;
  }
  standBack(caps, line, order);
  shrink(caps, slots);
  return caps;
}

/**
 * Each task leaves as many of its slots as other tasks' jobs stand before its own next one, once it has used those
 * that it was given: what was given is not taken back before it has come to something.
 */
function standBack(caps: Map<number, number>, line: readonly Standing[], order: readonly Standing[]): void {
  for (const standing of line) {
    const { contender, waiting, isOwed } = standing;
    const own = order.indexOf(standing);
    const ahead = isOwed || waiting === 0 ? 0 : own === -1 ? order.length : own;
    caps.set(contender.task, Math.max(0, caps.get(contender.task)! - ahead));
  }
}

/** Where a queue has fewer slots than it had, tasks give them back as they get free, the largest first. */
function shrink(caps: Map<number, number>, slots: number): void {
  let over = [...caps.values()].reduce((sum, cap) => sum + cap, 0) - slots;
  for (; over > 0; over--) {
    const [task, cap] = [...caps].reduce((most, entry) => (entry[1] > most[1] ? entry : most));
    caps.set(task, cap - 1);
  }
}

/** The first jobs of the line, by what their tasks stand for: by priority, and among equals the older task first. */
function inLine(line: readonly Standing[], most: number): Standing[] {
  const users = [...new Set(line.map(({ contender }) => contender.user))].map((user) => {
    const tasks = line.filter(({ contender }) => contender.user === user);
    const jobs = tasks
      .sort((a, b) => a.contender.task - b.contender.task)
      .flatMap((standing) => {
        return Array.from({ length: Math.min(standing.waiting, most) }, () => standing);
      });
    return { jobs, rank: 0 } satisfies NextJob;
  });
  const order: Standing[] = [];
  while (order.length < most) {
    let first: NextJob | undefined;
    for (const user of users) {
      if (user.rank < user.jobs.length && (first === undefined || precedes(user, first))) first = user;
    }
    if (first === undefined) break;
    order.push(first.jobs[first.rank]!);
    first.rank++;
  }
  return order;
}

/** Whether a user's next job stands before another's. */
function precedes(one: NextJob, other: NextJob): boolean {
  const [a, b] = [one.jobs[one.rank]!.contender, other.jobs[other.rank]!.contender];
  const difference =
    priorityOf(a.maxPriority, a.load, one.rank) - priorityOf(b.maxPriority, b.load, other.rank);
  return difference === 0 ? a.task < b.task : difference > 0;
}
