import type { CommandResult } from '../command.ts';
import type { Submission, SubmitAnswer } from '../scheduler.ts';
import type { SubmitCall } from '../submit-lane.ts';
import { decimalId } from './job-ids.ts';
import { type Jobspec, jobspecOf, submitArgs } from './jobspec.ts';
import { isSilence, wordsOf } from './words.ts';

/** The call of `flux` that submits a job made from this template. */
export function submitCall(template: Jobspec, submission: Submission): SubmitCall {
  return { args: submitArgs(submission.allocation), input: asciiJson(jobspecOf(template, submission)) };
}

function asciiJson(value: object): string {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[\u0080-\uffff]/g, escaped);
}

/** Nothing is known to be wrong with it, so whoever reads this will try again. */
const NOT_TRIED: SubmitAnswer = {
  kind: 'rejected',
  words: 'not submitted, since the instance temporarily does not answer',
};

/** The decimal id of the job that a call has submitted, or why there is none. No result is a call not made. */
export function readSubmit(
  result: CommandResult | undefined,
): { readonly id: string } | { readonly refusal: SubmitAnswer } {
  if (result === undefined) return { refusal: NOT_TRIED };
  if (result.kind === 'unstarted') return { refusal: { kind: 'rejected', words: result.words } };
  if (result.kind === 'cut') return { refusal: { kind: 'unanswered', words: result.words } };
  const id = decimalId(result.stdout.trim());
  if (result.code === 0 && id !== undefined) return { id };
  const words = wordsOf(result.stderr);
  const isOpen = result.code === 0 || isSilence(words);
  return {
    refusal: {
      kind: isOpen ? 'unanswered' : 'rejected',
      words: words || `flux job submit exited with ${result.code}, without a job id`,
    },
  };
}
