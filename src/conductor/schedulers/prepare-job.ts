import type { Files } from '../../shared/files.ts';
import { writeStepFiles } from '../../shared/prepare/step-files.ts';
import type { StudyRecord } from '../../shared/state/study-record.ts';
import { grownRequest } from '../../shared/study/script/growth.ts';
import { stepText } from '../../shared/study/text-of-step.ts';
import type { Launch } from '../dispatch.ts';
import { type AttemptKey, attemptToken } from '../observation.ts';
import { allocationOf } from './allocation.ts';
import type { Allocation, JobRequest } from './scheduler.ts';

/** An attempt that is ready to be submitted: its files are written. */
export interface PreparedJob {
  readonly key: AttemptKey;
  readonly request: JobRequest;
  /** The scheduler's header, as it stands in the script: users may have edited it between two attempts. */
  readonly header: readonly string[];
  /** Prefix of the names of output files. */
  readonly output: string;
  readonly allocation: Allocation;
}

/** Directives of all schedulers; flux's are comments for people. */
const DIRECTIVE = /^#(SBATCH|BSUB|PBS|INFO|flux:) /;

/** Writes an attempt's workspace and scripts. The function throws what the file system throws. */
export function createJobPreparation(record: StudyRecord, files: Files): (launch: Launch) => PreparedJob {
  const { study, expansion, token } = record;
  return ({ flight, script, growth }) => {
    const { step, number } = flight;
    const written = writeStepFiles(study, expansion, step, { number, growth }, files);
    const chosen = (script === 'restart' ? written.restart : undefined) ?? written.main;
    const text = stepText(study, expansion, step);
    const { grow } = study.steps[expansion.template[step]!]!.retry ?? {};
    const asked = grownRequest({ batch: study.batch, step: text }, grow, growth);
    return {
      key: { step, number },
      request: {
        token: attemptToken(token, { step, number }),
        name: text.jobName,
        workspace: written.directory,
        script: chosen,
      },
      header: headerOf(files.read(chosen)),
      output: written.output,
      allocation: allocationOf(asked.batch, asked.step),
    };
  };
}

/** The directives at the head of a script: those before its first command. */
function headerOf(script: string): string[] {
  const header: string[] = [];
  for (const line of script.split('\n').slice(1)) {
    if (DIRECTIVE.test(line)) header.push(line);
    else if (line !== '' && !line.startsWith('#')) break;
  }
  return header;
}
