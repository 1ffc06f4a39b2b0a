/** Bounds of the calls of Flux's commands, and why they are what they are. Times are milliseconds. */

/**
 * How long submitting may take: this for the one that is slow, and a share for each. 42 ms is the rule, but an
 * instance that is busy makes its users wait.
 */
export const SUBMIT_LIMIT_MS = 60_000;
export const SUBMIT_SHARE_MS = 2_000;

/** How long `flux submit --dry-run` and `flux cancel` may take: half a second, Python's start included. */
export const COMMAND_LIMIT_MS = 60_000;

/** How long a question about many jobs may take: 1.3 s for a thousand. */
export const LIST_LIMIT_MS = 120_000;

/**
 * `flux job submit` calls at a time. Each waits some 40 ms for the instance and works next to nothing, so a few
 * of them fill the wait; the instance's validators are two by default, and more calls would only queue there.
 */
export const PARALLEL_SUBMITS = 8;

/** Submissions in one go of one lane: if it is cut off, so many must be looked for. */
export const SUBMITS_A_LANE = 25;

/** `flux job info` calls at a time: 10 ms each. */
export const PARALLEL_LOOKUPS = 4;

/** Jobs of which it is kept what they were submitted as: 200 bytes each, against 10 ms for a new look. */
export const KEPT_SUBMISSIONS = 100_000;

/** Templates of jobspecs that are kept: a study has a handful of kinds of steps, and a kind costs 0.2 s. */
export const KEPT_TEMPLATES = 1_000;

/**
 * When a lost submission can have reached Flux, around the time that its job script was written: not before, but
 * for clocks that differ, and soon after, but for an instance that takes its time with the hundreds before it.
 */
export const SEARCH_WINDOW_MS = { before: 10 * 60_000, after: 2 * 3600_000 } as const;
