/** Bounds of the calls of Slurm's commands, and why they are what they are. Times are milliseconds. */

/**
 * How long submitting may take: this for the one that is slow, and a share for each. sbatch gives up on a
 * controller that is down after 9 s, and on a busy one after sixteen tries with growing pauses: a minute lets
 * the usual ones through. What is cut off is looked for.
 */
export const SUBMIT_LIMIT_MS = 60_000;
export const SUBMIT_SHARE_MS = 2_000;

/** squeue gives up on a controller that is down after 18 s; with a backup controller after twice that. */
export const QUEUE_LIMIT_MS = 60_000;

/** sacct reads a database, which other users' reports can slow down. */
export const ACCOUNTING_LIMIT_MS = 90_000;

/** The same where it is only asked for what jobs have used: the news that they have ended must not wait for it. */
export const USAGE_LIMIT_MS = 10_000;

/** scancel tells the controller of each job, one millisecond or so each, ten at a time. */
export const CANCEL_LIMIT_MS = 60_000;

/** What only informs must not hold up what it informs. */
export const FACTS_LIMIT_MS = 30_000;

/** sbatch calls at a time: more than four are no faster (8.7 ms each alone, 6.4 ms by four, with one controller). */
export const PARALLEL_SUBMITS = 4;

/** Submissions in one go of one lane: if it is cut off, so many must be looked for. */
export const SUBMITS_A_LANE = 25;

/** Ids on one scancel line: more would take longer than the time limit where the controller is busy. */
export const CANCEL_AT_A_TIME = 500;

/** Length in bytes of one list of ids as an argument: Linux takes 128 KiB, environment aside. */
export const ID_LIST_BYTES = 100_000;

/**
 * How much earlier than its file was written a submission is searched for in accounting: clocks of the file
 * server, of the controller and of this machine differ, and so do their time zones.
 */
export const SEARCH_MARGIN_MS = 26 * 3600_000;

/** Lines of a command's complaint that are passed on: the reason stands in the last, after the plugin's hints. */
export const SHOWN_LINES = 6;
