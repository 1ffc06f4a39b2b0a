import type { CheckedStudy } from '../../shared/prepare/prepare.ts';
import type { Diagnostic } from '../../shared/spec/diagnostic.ts';
import { mergeDiagnostics } from '../../shared/spec/merge-diagnostics.ts';
import { batchWarnings } from './batch-warnings.ts';
import type { Examination } from './examination.ts';
import { machineWarnings } from './machine-warnings.ts';
import { programFile } from './program-file.ts';
import { stepRequests } from './requests.ts';

/** What this machine is to one study. */
export interface StudyFindings {
  readonly steps: number;
  /** How many of them are handed to the scheduler of the batch block. */
  readonly scheduled: number;
  /** What is missing here, or wrong with what the steps ask for, in the order of the specification. */
  readonly warnings: readonly Diagnostic[];
}

/** Holds what a study asks for against what was found on this machine. */
export function findingsFor(
  { specification, study, expansion }: CheckedStudy,
  { machine, schedulers }: Examination,
  path: string | undefined = process.env.PATH,
): StudyFindings {
  const requests = stepRequests(study, expansion);
  const asked = schedulers.find(({ type }) => type === study.batch.type);
  const scheduled = requests
    .filter(({ template }) => study.batch.type !== 'local' && template.isScheduled)
    .reduce((sum, { count }) => sum + count, 0);
  const means = { ...machine, hasProgram: (name: string) => programFile(name, path) !== undefined };
  return {
    steps: expansion.count,
    scheduled,
    warnings: mergeDiagnostics([
      [
        ...(asked === undefined || scheduled === 0
          ? []
          : batchWarnings(specification, study, requests, asked.answer)),
        ...machineWarnings(specification, study, requests, means),
      ],
    ]),
  };
}
