import type { CheckedStudy } from '../shared/prepare/prepare.ts';
import { reportDiagnostics } from './diagnostics.ts';

/** Says on stderr what a study's scheduler would refuse, before anything is asked or written. */
export async function warnOfScheduler(checked: CheckedStudy): Promise<void> {
  if (checked.study.batch.type === 'local') return;
  // Loaded only here: a study on one machine starts without the code that asks schedulers.
  const { warningsBeforeRun } = await import('./doctor/before-run.ts');
  reportDiagnostics(await warningsBeforeRun(checked));
}
