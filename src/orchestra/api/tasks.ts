import Type, { type Static } from 'typebox';
import type { Route } from '../route.ts';

const TaskName = Type.String({ minLength: 1, maxLength: 200 });
const QueueName = Type.String({ minLength: 1, maxLength: 63 });
const ByName = Type.Object({ task: TaskName });
const OfUser = Type.Object({ user: Type.Optional(Type.String({ minLength: 1, maxLength: 63 })) });
const Time = Type.Union([Type.Integer(), Type.Null()]);

/** States of a task. */
export const TASK_STATES = [
  'registered',
  'testing',
  'running',
  'broken',
  'done',
  'finalized',
  'kill',
  'killed',
  'to_be_removed',
  'to_be_removed_soon',
] as const;
/** The state of a task. */
export type TaskState = (typeof TASK_STATES)[number];

/** States of a job, in the order of the board's columns. */
export const JOB_STATES = [
  'registered',
  'assigned',
  'testing',
  'running',
  'failed',
  'done',
  'kill',
  'killed',
  'broken',
] as const;
/** The state of a job. */
export type JobState = (typeof JOB_STATES)[number];

const Counts = Type.Object(
  Object.fromEntries(JOB_STATES.map((state) => [state, Type.Integer()])) as Record<
    JobState,
    ReturnType<typeof Type.Integer>
  >,
);

/** How many jobs of a task are in which state. */
export type JobCounts = Static<typeof Counts>;

/** A task as the board shows it. Times are Unix milliseconds. */
export const Task = Type.Object({
  name: TaskName,
  owner: Type.String(),
  queue: Type.String(),
  state: Type.Enum([...TASK_STATES]),
  jobs: Counts,
  createdAt: Type.Integer(),
  /** When it came into its state. */
  stateAt: Type.Integer(),
});
/** A task as the board shows it. */
export type Task = Static<typeof Task>;

/** A task with what it runs, and on what. */
export const TaskDetails = Type.Object({
  ...Task.properties,
  exec: Type.String(),
  image: Type.String(),
  dataFile: Type.String(),
  configFile: Type.String(),
  secondary: Type.Record(Type.String(), Type.String()),
  canaries: Type.Integer(),
  /** Counts its runs: a retry begins another. */
  run: Type.Integer(),
  /** Why it is what it is; empty where the state says it all. */
  reason: Type.String(),
  /** What it has ended as, which a task that is to be removed does not say by its state. */
  endedAs: Type.Union([Type.Enum(['broken', 'done', 'finalized', 'killed']), Type.Null()]),
  endedAt: Time,
});
/** A task with what it runs, and on what. */
export type TaskDetails = Static<typeof TaskDetails>;

/** What a new task is to run, and on what. */
export const NewTask = Type.Object(
  {
    name: TaskName,
    dataFile: Type.String({ maxLength: 200 }),
    configFile: Type.String({ maxLength: 200 }),
    /** Datasets by the words that stand for them in the command. */
    secondary: Type.Record(Type.String({ minLength: 1, maxLength: 64 }), Type.String({ maxLength: 200 })),
    exec: Type.String({ minLength: 1, maxLength: 65_536 }),
    image: Type.String({ minLength: 1, maxLength: 512 }),
    queue: Type.String({ maxLength: 63 }),
    et: Type.Number(),
    eta: Type.Number(),
    isDummyData: Type.Boolean(),
    isDummyConfig: Type.Boolean(),
    /** Jobs that are tested before the others; 0: none. */
    canaries: Type.Integer({ minimum: 0, maximum: 1_000 }),
    /** Check everything, show the jobs that would be made, make nothing. */
    dryRun: Type.Boolean(),
  },
  { additionalProperties: false },
);
/** What a new task is to run, and on what. */
export type NewTask = Static<typeof NewTask>;

/** A job that has been made, or would be. */
export const PlannedJob = Type.Object({
  name: Type.String(),
  /** Its file of the configuration dataset. */
  input: Type.String(),
  /** The command as its shell gets it. */
  command: Type.String(),
});
/** A job that has been made, or would be. */
export type PlannedJob = Static<typeof PlannedJob>;

/** One job of a task. */
export const Job = Type.Object({
  /** `job_configId_<n>`. */
  name: Type.String(),
  number: Type.Integer(),
  /** Its file of the configuration dataset. */
  input: Type.String(),
  state: Type.Enum([...JOB_STATES]),
  node: Type.Union([Type.String(), Type.Null()]),
  startedAt: Time,
  endedAt: Time,
});
/** One job of a task. */
export type Job = Static<typeof Job>;

/** A line of a queue's board. */
export const QueuedJob = Type.Object({
  user: Type.String(),
  queue: Type.String(),
  task: Type.String(),
  job: Type.String(),
  /** Null for jobs that run already. */
  priority: Type.Union([Type.Number(), Type.Null()]),
  state: Type.Enum([...JOB_STATES]),
});
/** A line of a queue's board. */
export type QueuedJob = Static<typeof QueuedJob>;

/** More jobs than this are not shown at once. */
export const MAX_JOBS_SHOWN = 10_000;

/** The header that says of a job's log whether all of it is there: `true` or `false`. */
export const LOG_ENDED = 'x-log-ended';

/** Makes a task, or tries to. */
export const createTask = {
  method: 'POST',
  path: '/tasks',
  summary: 'Make a task; with dryRun, show the jobs that it would have.',
  by: 'user',
  body: NewTask,
  answer: Type.Object({
    name: TaskName,
    /** How many jobs there are; `jobs` shows the first ones. */
    count: Type.Integer(),
    jobs: Type.Array(PlannedJob),
  }),
} as const satisfies Route;

/** The board of a user. */
export const listTasks = {
  method: 'GET',
  path: '/tasks',
  summary: 'The tasks of a user; of whoever asks, where none is named.',
  by: 'user',
  query: OfUser,
  answer: Type.Array(Task),
} as const satisfies Route;

/** A task, light enough to be asked for often. */
export const showTask = {
  method: 'GET',
  path: '/tasks/:task',
  summary: 'A task, and how far it is.',
  by: 'user',
  params: ByName,
  answer: TaskDetails,
} as const satisfies Route;

/** The jobs of a task, a page at a time. */
export const listJobs = {
  method: 'GET',
  path: '/tasks/:task/jobs',
  summary: 'Jobs of a task by their numbers: at most `limit`, from number `from` on.',
  by: 'user',
  params: ByName,
  query: Type.Object({
    from: Type.Optional(Type.Integer({ minimum: 0 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_JOBS_SHOWN })),
    state: Type.Optional(Type.Enum([...JOB_STATES])),
  }),
  answer: Type.Array(Job),
} as const satisfies Route;

/** Deletes a task with its outputs. */
export const deleteTask = {
  method: 'DELETE',
  path: '/tasks/:task',
  summary: 'Delete a task that has ended, with its outputs.',
  by: 'user',
  params: ByName,
} as const satisfies Route;

/** Runs a task again, or what of it has failed. */
export const retryTask = {
  method: 'POST',
  path: '/tasks/:task/retry',
  summary: 'Run again: all jobs of a broken or killed task, the failed ones of a finalized one.',
  by: 'user',
  params: ByName,
  answer: Task,
} as const satisfies Route;

/** Kills a task. */
export const killTask = {
  method: 'POST',
  path: '/tasks/:task/kill',
  summary: 'Kill a task.',
  by: 'user',
  params: ByName,
  answer: Task,
} as const satisfies Route;

/** Kills whatever a user has that runs or waits. */
export const killAllTasks = {
  method: 'POST',
  path: '/kill-all',
  summary: 'Kill all tasks of a user that have not ended.',
  by: 'user',
  query: OfUser,
  answer: Type.Object({ killed: Type.Array(TaskName) }),
} as const satisfies Route;

/** Streams a piece of a job's log. */
export const readJobLog = {
  method: 'GET',
  path: '/tasks/:task/jobs/:number/log',
  summary:
    'The log of a job from an offset on, a piece of it. The header x-log-ended says whether that was all.',
  by: 'user',
  params: Type.Object({ task: TaskName, number: Type.Integer({ minimum: 0 }) }),
  query: Type.Object({ offset: Type.Optional(Type.Integer({ minimum: 0 })) }),
  answers: 'bytes',
} as const satisfies Route;

/** The board of a queue, which all its users see, as they share it. */
export const showQueue = {
  method: 'GET',
  path: '/queues/:queue/jobs',
  summary: 'The jobs of a queue: those that run, then those that wait, the next one first.',
  by: 'user',
  params: Type.Object({ queue: QueueName }),
  answer: Type.Array(QueuedJob),
} as const satisfies Route;
