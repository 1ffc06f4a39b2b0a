import type { CommandResult } from '../command.ts';
import type { Submission, SubmitAnswer } from '../scheduler.ts';
import { isSilence, wordsOf } from './words.ts';

/**
 * The arguments of bsub, which reads the script and its header on standard input. By the description the job can
 * be found again; that LSF starts a job again by itself is ruled out, since such an attempt would not be counted.
 */
export function bsubArgs({ id, directory }: Submission): string[] {
  // It is called in that directory too, which is enough where a % would be read as a pattern.
  const place = directory.includes('%') ? [] : ['-cwd', directory];
  return [...place, '-Jd', id, '-rn'];
}

/** Stands in every script, but without a walltime says nothing, and bsub would miss its value. */
const EMPTY_LIMIT = /^#BSUB -W *\n/m;

/** A job script as bsub is to read it. */
export function bsubInput(script: string): string {
  return script.replace(EMPTY_LIMIT, '');
}

const ANSWER = /^Job <(\d+)> is submitted to (?:default )?queue <[^>]*>\.$/m;

/** What a bsub call tells. A site may print words of its own around the answer. */
export function readBsub(result: CommandResult): SubmitAnswer {
  if (result.kind === 'unstarted') return { kind: 'rejected', words: result.words };
  if (result.kind === 'cut') return { kind: 'unanswered', words: result.words };
  const job = ANSWER.exec(result.stdout)?.[1];
  if (job !== undefined) return { kind: 'accepted', jobs: [job] };
  const words = wordsOf(result.stderr) || wordsOf(result.stdout);
  if (result.code === 0 || isSilence(words)) {
    return { kind: 'unanswered', words: words || `bsub exited with ${result.code}, without a job id` };
  }
  return { kind: 'rejected', words };
}
