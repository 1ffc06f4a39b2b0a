import { randomBytes } from 'node:crypto';
import { type ArrayMember, jobScript, submissionFile } from './job-script.ts';
import type { PreparedJob } from './prepare-job.ts';
import type { Submission } from './scheduler.ts';

/** A submission with the text of its job script and the attempts in it, in their order. */
export interface GroupedSubmission {
  readonly submission: Submission;
  readonly text: string;
  readonly jobs: readonly PreparedJob[];
}

/** Lines of a header that name one step: in an array the members have these in common with nobody. */
const OF_ONE_STEP = /^#SBATCH --(job-name|output|error|comment)\b/;

/**
 * Makes submissions of jobs: those that ask for the same go together, as many as the scheduler takes in one
 * array; what is alone goes alone, with the header of its own script.
 */
export function groupJobs(
  jobs: readonly PreparedJob[],
  options: { readonly limit: number; readonly records: string; readonly newId: () => string },
): GroupedSubmission[] {
  const groups = new Map<string, PreparedJob[]>();
  for (const [index, job] of jobs.entries()) {
    const key = options.limit > 1 ? sharedHeader(job).join('\n') : String(index);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [job]);
    else group.push(job);
  }
  const submissions: GroupedSubmission[] = [];
  for (const group of groups.values()) {
    for (let at = 0; at < group.length; at += options.limit) {
      submissions.push(submissionOf(group.slice(at, at + options.limit), options));
    }
  }
  return submissions;
}

/** A fresh id for a submission of the study with this token. */
export function submissionId(studyToken: string): string {
  return `maestro-${studyToken}-${randomBytes(5).toString('hex')}`;
}

function sharedHeader({ header }: PreparedJob): string[] {
  return header.filter((line) => !OF_ONE_STEP.test(line));
}

function submissionOf(
  jobs: readonly PreparedJob[],
  { records, newId }: { readonly records: string; readonly newId: () => string },
): GroupedSubmission {
  const id = newId();
  const [first] = jobs;
  const isArray = jobs.length > 1;
  const header = isArray ? arrayHeader(first!) : first!.header;
  const members = jobs.map(({ request, output }): ArrayMember => {
    return isArray ? { ...request, output: { stdout: `${output}.out`, stderr: `${output}.err` } } : request;
  });
  return {
    jobs,
    text: jobScript({ id, records, header, members }),
    submission: {
      id,
      file: submissionFile(records, id),
      directory: isArray ? records : first!.request.workspace,
      members: jobs.map(({ request }) => request),
      allocation: first!.allocation,
    },
  };
}

/** What the members print goes to files of their own; the array's own output has nothing to tell. */
function arrayHeader(first: PreparedJob): string[] {
  const name = first.request.name.split('_')[0]!;
  return [...sharedHeader(first), `#SBATCH --job-name="${name}"`, '#SBATCH --output=/dev/null'];
}
