import type { CommandResult } from '../command.ts';
import type { Submission, SubmitAnswer } from '../scheduler.ts';
import { memberIds } from './job-ids.ts';
import { isSilence, wordsOf } from './words.ts';

/** How submissions go out. */
export interface SubmitOptions {
  /** Whether Slurm may start a job again by itself after a failed node; otherwise that is the conductor's business. */
  readonly requeue: boolean;
}

/**
 * The arguments of sbatch. What is given here overrides the script's header: the comment, by which the job can be
 * found again, and who starts jobs again.
 */
export function sbatchArgs(submission: Submission, { requeue }: SubmitOptions): string[] {
  const { id, file, directory, members, allocation } = submission;
  return [
    '--parsable',
    ...(requeue ? [] : ['--no-requeue']),
    ...(members.length > 1 ? [`--array=0-${members.length - 1}`] : []),
    '-D',
    directory,
    `--comment=${id}`,
    ...(allocation.reservation === undefined ? [] : [`--reservation=${allocation.reservation}`]),
    file,
  ];
}

/** Nothing is known to be wrong with it, so whoever reads this will try again. */
const NOT_TRIED = 'not submitted, since the controller temporarily does not answer';

/** `--parsable` prints the id, and the cluster's name behind it where there are several. */
const ANSWER = /^(\d+)(?:;\S+)?$/;

/**
 * What an sbatch call tells. Only the controller's own refusal counts as one; whatever leaves open whether the
 * request arrived is no answer. A site may print words of its own around the id. No result is a call that was
 * not made.
 */
export function readSbatch(result: CommandResult | undefined, members: number): SubmitAnswer {
  if (result === undefined) return { kind: 'rejected', words: NOT_TRIED };
  if (result.kind === 'unstarted') return { kind: 'rejected', words: result.words };
  if (result.kind === 'cut') return { kind: 'unanswered', words: result.words };
  const words = wordsOf(result.stderr);
  if (result.code !== 0) {
    const isOpen = words === '' || isSilence(words);
    return { kind: isOpen ? 'unanswered' : 'rejected', words: words || `sbatch exited with ${result.code}` };
  }
  const ids = result.stdout.split('\n').flatMap((line) => ANSWER.exec(line.trim())?.[1] ?? []);
  const base = ids.at(-1);
  if (base !== undefined) return { kind: 'accepted', jobs: memberIds(base, members) };
  return { kind: 'unanswered', words: `sbatch answered without a job id: ${result.stdout.trim() || words}` };
}
