/** Bounds of the work with batch schedulers, and why they are what they are. Times are milliseconds. */

/** Submissions handed to the scheduler's adapter at a time: cancel and stop wait for no more than these. */
export const SUBMIT_AT_A_TIME = 100;

/**
 * How long a submission without an answer is looked for before it is given up: longer than any submit command
 * may take, since one that a dead conductor left behind may still be at work. A job that turns up later finds
 * its attempt revoked.
 */
export const FIND_PATIENCE = { looks: 3, ms: 120_000 } as const;

/** How long a job that neither queue nor accounting knows is looked for: accounting lags by seconds, or minutes. */
export const MISSING_PATIENCE = { looks: 5, ms: 300_000 } as const;

/** Pause between looks while something is being looked for. */
export const LOOK_MS = 3_000;

/** A job's record wakes a poll at once, but no more often than this: a thousand jobs may end together. */
export const EARLY_POLL_MS = 1_000;

/** First and longest pause while a scheduler takes no more submissions for now, or does not answer. */
export const PAUSE_MS = { first: 5_000, longest: 120_000 } as const;

/**
 * Refusals that pass by themselves, as schedulers and sites word them: a limit on a user's jobs, or a queue that is
 * closed for a while, is no fault of the step.
 */
export const TEMPORARY_REFUSAL = new RegExp(
  [
    // Slurm
    'QOSMax|AssocMax|AssocGrp|MaxSubmit|job submit limit|partition not available',
    // PBS
    'queue is not enabled|maximum number of jobs already|would exceed.*limit',
    // LSF
    'pend(ing)? job threshold|job( slot)? limit( has been)? reached|queue (is|has been) closed',
    // Flux
    'job submission.* is disabled',
    'too many jobs|temporarily|try again',
  ].join('|'),
  'i',
);
