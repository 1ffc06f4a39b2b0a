import type { CommandResult } from '../command.ts';
import type { Submission, SubmitAnswer } from '../scheduler.ts';
import { VARIABLE } from './job-attributes.ts';
import { isJobId } from './job-ids.ts';
import { isSilence, wordsOf } from './words.ts';

/** The arguments of qsub. By the variable the job can be found again; names are too short to hold an id. */
export function qsubArgs({ id, file }: Submission): string[] {
  return ['-v', `${VARIABLE}=${id}`, file];
}

/** What a qsub call tells. A site may print words of its own around the id. */
export function readQsub(result: CommandResult): SubmitAnswer {
  if (result.kind === 'unstarted') return { kind: 'rejected', words: result.words };
  if (result.kind === 'cut') return { kind: 'unanswered', words: result.words };
  const words = wordsOf(result.stderr);
  if (result.code !== 0) {
    return {
      kind: isSilence(words) ? 'unanswered' : 'rejected',
      words: words || `qsub exited with ${result.code}`,
    };
  }
  const job = result.stdout
    .split('\n')
    .map((line) => line.trim())
    .filter(isJobId)
    .at(-1);
  if (job !== undefined) return { kind: 'accepted', jobs: [job] };
  return { kind: 'unanswered', words: `qsub answered without a job id: ${result.stdout.trim() || words}` };
}
