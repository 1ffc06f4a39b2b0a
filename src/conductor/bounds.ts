/**
 * Every bound of the conductor and why it is what it is. Times are milliseconds.
 */

/** Between the SIGTERM and the SIGKILL of a step at its walltime or at a cancel: time to write a checkpoint. */
export const GRACE_MS = 10_000;

/** Resubmissions of one step after hardware failures, unless `batch.resubmits` says otherwise. */
export const RESUBMITS = 3;

/**
 * Cores' worth of steps handed to the runner beyond what runs, so that no core waits for a turn of the
 * conductor: at least as many as a turn or two of short steps use up, and twice as many as ended in the last
 * turn, up to a number that is still quickly taken back when the conductor stops. Long steps never end by the
 * dozen, so few of them wait there.
 */
export const LOOKAHEAD = { least: 8, factor: 2, most: 512 } as const;

/**
 * How many ready steps one turn looks at for one that fits. A wide step at the head of the queue is passed by
 * narrower ones behind it, but only by so many a turn.
 */
export const OFFER_BOUND = 1_000;

/** How often a step may be passed over before nothing may pass it any more: a wide step gets its turn. */
export const PASSED_OVER_BOUND = 256;

/**
 * While more steps wait at the runner than cores could take up, the next turn is put off for this long: it then
 * hears of many ends at once and costs one transaction, and no core waits for it.
 */
export const GATHER_MS = 8;

/** A `sleeptime` of 0 still leaves a scheduler this long between two polls. */
export const LEAST_SLEEP_MS = 500;

/** Steps opened in one turn: a turn is one transaction, and cancel and status wait for no longer than one. */
export const TURN_BOUND = 2_000;

/**
 * How long the conductor bears a machine that cannot write or start processes (a full disk, a file system
 * gone read-only) before it stops, resumable: time for a colleague to remove files.
 */
export const OUTAGE_MS = 10 * 60_000;

/** First and longest pause between two tries during an outage. */
export const OUTAGE_PAUSE_MS = { first: 250, longest: 15_000 } as const;

/** How long a conductor that was asked to leave waits for what it handed over to start or be taken back. */
export const STOP_PATIENCE_MS = 30_000;

/** Files watched by inotify miss changes made on other hosts of a network file system: look this often too. */
export const CONTROL_POLL_MS = 2_000;

/** How often the process group of an adopted step that is being ended is looked for: somebody waits for that. */
export const ENDING_POLL_MS = 100;

/** How often an orphaned step, whose runner was killed, is looked for in the process table. */
export const ORPHAN_POLL_MS = 1_000;

/** status.csv is written at most this often, and so seldom that it costs at most a twentieth of the time. */
export const EXPORT_INTERVAL_MS = 1_000;
export const EXPORT_SHARE = 20;
