/** Bounds of the calls of LSF's commands, and why they are what they are. Times are milliseconds. */

/** bsub waits for a master batch daemon that is busy or being replaced; what is cut off is looked for. */
export const SUBMIT_LIMIT_MS = 60_000;

/** bjobs and bkill answer within seconds, for thousands of jobs too. */
export const COMMAND_LIMIT_MS = 60_000;

/** bhist reads through all of the cluster's event files. */
export const HISTORY_LIMIT_MS = 90_000;

/** bsub calls at a time: most of each is a wait for the master batch daemon, which takes them one by one. */
export const PARALLEL_SUBMITS = 4;

/** Jobs that one bhist is asked about: its answer is a page a job. */
export const HISTORIES_AT_A_TIME = 100;

/** How often the library tries to reach the master batch daemon; by default it never gives up. */
export const TRIES = 3;
