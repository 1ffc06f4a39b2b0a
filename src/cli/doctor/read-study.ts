import { UserError } from '../../shared/errors.ts';
import { type CheckedStudy, checkStudy, type StudyRequest } from '../../shared/prepare/prepare.ts';
import type { Diagnostic } from '../../shared/spec/diagnostic.ts';

/** A study as far as it could be read: a machine is told of even where the study is not sound. */
export interface ReadStudy {
  readonly checked: CheckedStudy | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** What has no place in the specification, such as a generator that fails. */
  readonly error?: UserError;
}

/** Checks a study; what a user can mend is answered, and not thrown. */
export async function readStudy(request: StudyRequest): Promise<ReadStudy> {
  try {
    return await checkStudy(request);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { checked: undefined, diagnostics: [], error };
  }
}
