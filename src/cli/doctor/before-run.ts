import { runCommand } from '../../conductor/schedulers/command.ts';
import type { CheckedStudy } from '../../shared/prepare/prepare.ts';
import type { Diagnostic } from '../../shared/spec/diagnostic.ts';
import { mergeDiagnostics } from '../../shared/spec/merge-diagnostics.ts';
import { askScheduler } from './ask-scheduler.ts';
import { batchWarnings, usesScheduler } from './batch-warnings.ts';
import { withPatience } from './patience.ts';
import { stepRequests } from './requests.ts';

/** How long a scheduler may hold up a run, in milliseconds: its answer would be good to have, no more. */
const PATIENCE_MS = 5_000;

/** What the scheduler of a study would refuse, or that it did not answer in time; nothing for studies without one. */
export async function warningsBeforeRun({
  specification,
  study,
  expansion,
}: CheckedStudy): Promise<Diagnostic[]> {
  const { batch } = study;
  if (batch.type === 'local' || !usesScheduler(study)) return [];
  const world = { run: withPatience(runCommand, PATIENCE_MS), environment: process.env };
  const answer = await askScheduler(batch.type, batch, world);
  return mergeDiagnostics([batchWarnings(specification, study, stepRequests(study, expansion), answer)]);
}
