import type {
  Answer,
  JobReport,
  Scheduler,
  Submission,
  SubmitAnswer,
} from '../../src/conductor/schedulers/scheduler.ts';

/** A batch scheduler in memory, which does to its jobs what the test says. */
export interface MemoryScheduler extends Scheduler {
  /** What is known of each job; a job that is deleted is forgotten. */
  readonly reports: Map<string, JobReport>;
  readonly submissions: Submission[];
  readonly cancelled: string[];
  /** Takes the place of the usual answer to the next submission; what is `lost` is queued all the same. */
  next: ({ readonly kind: 'rejected'; readonly words: string } | { readonly kind: 'lost' | 'swallowed' })[];
  isDown: boolean;
  limit: number;
  polls: number;
}

const QUEUED: JobReport = { kind: 'waiting', state: 'QUEUED', words: 'Priority' };

export function memoryScheduler(): MemoryScheduler {
  const jobsOf = new Map<string, readonly string[]>();
  let lastId = 0;
  const queue = (submission: Submission): readonly string[] => {
    lastId++;
    const isArray = submission.members.length > 1;
    const jobs = submission.members.map((_, index) => (isArray ? `${lastId}_${index}` : String(lastId)));
    for (const job of jobs) scheduler.reports.set(job, QUEUED);
    jobsOf.set(submission.id, jobs);
    return jobs;
  };
  const submitOne = (submission: Submission): SubmitAnswer => {
    scheduler.submissions.push(submission);
    if (scheduler.isDown) return { kind: 'unanswered', words: 'connection refused' };
    const fate = scheduler.next.shift();
    if (fate?.kind === 'rejected') return fate;
    if (fate?.kind === 'swallowed') return { kind: 'unanswered', words: 'timed out' };
    const jobs = queue(submission);
    return fate?.kind === 'lost' ? { kind: 'unanswered', words: 'timed out' } : { kind: 'accepted', jobs };
  };
  const answer = <Value>(value: Value): Answer<Value> =>
    scheduler.isDown ? { kind: 'down', words: 'connection refused' } : { kind: 'answered', value };
  const scheduler: MemoryScheduler = {
    reports: new Map(),
    submissions: [],
    cancelled: [],
    next: [],
    isDown: false,
    limit: 1,
    polls: 0,
    submit: async (submissions) => submissions.map(submitOne),
    poll: async (jobs) => {
      scheduler.polls++;
      const known = jobs.filter((job) => scheduler.reports.has(job));
      return answer(new Map(known.map((job) => [job, scheduler.reports.get(job)!])));
    },
    cancel: async (jobs) => {
      scheduler.cancelled.push(...jobs);
      if (!scheduler.isDown) {
        for (const job of jobs) {
          if ((scheduler.reports.get(job)?.kind ?? 'ended') === 'ended') continue;
          scheduler.reports.set(job, { kind: 'ended', outcome: 'CANCELLED', words: 'CANCELLED by user' });
        }
      }
      return answer(undefined);
    },
    find: async (submissions) => {
      const found = submissions.filter(({ id }) => jobsOf.get(id)?.some((job) => scheduler.reports.has(job)));
      return answer(new Map(found.map(({ id }) => [id, jobsOf.get(id)!])));
    },
    arrayLimit: async () => scheduler.limit,
  };
  return scheduler;
}
