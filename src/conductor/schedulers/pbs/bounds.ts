/** Bounds of the calls of PBS's commands, and why they are what they are. Times are milliseconds. */

/** qsub waits for hooks of the site that check a submission; what is cut off is looked for. */
export const SUBMIT_LIMIT_MS = 60_000;

/** qdel and qselect answer within seconds. */
export const COMMAND_LIMIT_MS = 60_000;

/** qstat tells some three kilobytes of each job, and sites often slow it down on purpose. */
export const STATUS_LIMIT_MS = 120_000;

/** qsub calls at a time: the server takes them one by one, and waits for its hooks meanwhile. */
export const PARALLEL_SUBMITS = 4;

/** Jobs that one qstat is asked about: about a megabyte and a half of answer. */
export const STATUSES_AT_A_TIME = 500;
