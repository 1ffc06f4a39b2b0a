import { withoutOwnJob } from '../own-job.ts';
import { TRIES } from './bounds.ts';

/** Variables that would keep bsub from telling the job's id, or from submitting at all. */
const SUBMISSION_SHAPING = new Set(['BSUB_QUIET', 'BSUB_QUIET2', 'BSUB_CHK_RESREQ', 'BSUB_STDERR']);

/** For bsub, which hands its environment on to the job: nothing of ours is in it. */
export function submissionEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(withoutOwnJob(own)).filter(([name]) => !SUBMISSION_SHAPING.has(name));
  return Object.fromEntries(others);
}

/** For commands that ask: plain English, and an end to their patience. */
export function questionEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...own, LC_ALL: 'C', LSB_NTRIES: String(TRIES) };
}
