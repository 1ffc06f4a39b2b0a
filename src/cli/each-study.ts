import { UserError } from '../shared/errors.ts';
import { reportError } from './report.ts';

/**
 * Does something for each of several directories. One that fails is reported and does not keep the others from
 * being done; the exit code tells of it.
 */
export function ofEach<Result>(
  directories: readonly string[],
  act: (directory: string) => Result,
): { found: Result[]; exitCode: number } {
  const found: Result[] = [];
  let exitCode = 0;
  for (const directory of directories) {
    try {
      found.push(act(directory));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      exitCode = reportError(error);
    }
  }
  return { found, exitCode };
}

/** As `ofEach` for what takes its time, one after another. Returns the largest exit code. */
export async function forEachStudy(
  directories: readonly string[],
  act: (directory: string, index: number) => Promise<number>,
): Promise<number> {
  let exitCode = 0;
  for (const [index, directory] of directories.entries()) {
    try {
      exitCode = Math.max(exitCode, await act(directory, index));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      exitCode = Math.max(exitCode, reportError(error));
    }
  }
  return exitCode;
}
