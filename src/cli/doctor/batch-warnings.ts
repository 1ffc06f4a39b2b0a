import { allocationOf } from '../../conductor/schedulers/allocation.ts';
import { type Diagnostic, warningAt } from '../../shared/spec/diagnostic.ts';
import type { Specification } from '../../shared/spec/specification.ts';
import type { Study } from '../../shared/study/study.ts';
import { BATCH_COMMANDS } from './programs.ts';
import { requestWarnings } from './request-warnings.ts';
import type { StepRequest } from './requests.ts';
import { allocationWarnings, type SchedulerAnswer } from './scheduler-answer.ts';

/** Whether any step of a study is handed to a batch scheduler. */
export function usesScheduler({ batch, steps }: Study): boolean {
  return batch.type !== 'local' && steps.some(({ isScheduled }) => isScheduled);
}

/** What of a study's batch block, and of what its scheduled steps ask for, is wrong by the scheduler's own answer. */
export function batchWarnings(
  specification: Specification,
  { batch }: Study,
  requests: readonly StepRequest[],
  answer: SchedulerAnswer,
): Diagnostic[] {
  if (batch.type === 'local') return [];
  const { name } = BATCH_COMMANDS[batch.type];
  const scheduled = requests.filter(({ template }) => template.isScheduled);
  return [
    ...answerWarnings(specification, name, answer),
    ...requestWarnings(specification, scheduled, ({ text }) =>
      allocationWarnings(answer, name, allocationOf(batch, text)),
    ),
  ];
}

/** What could not be checked at all, and why. */
function answerWarnings(specification: Specification, name: string, answer: SchedulerAnswer): Diagnostic[] {
  const at = specification.locate(['batch', 'type']);
  if (answer.kind === 'missing') {
    const [isAre, none] = answer.commands.length === 1 ? ['is', 'it'] : ['are', 'them'];
    const message = `${listed(answer.commands)} ${isAre} not in PATH, and no step can be submitted without ${none}`;
    return [warningAt(at, message, `start from a machine that has ${name}'s commands`)];
  }
  if (answer.kind === 'silent') {
    const message = `${name} did not answer, so the batch block was not checked: ${answer.words}`;
    return [warningAt(at, message, 'steps wait until it answers')];
  }
  if (answer.kind !== 'slurm') return [];
  const { hasAccounting, associations, enforced } = answer.facts;
  if (!hasAccounting || associations !== undefined || enforced.size === 0) return [];
  const message = "Slurm's accounting did not answer, so bank and qos were not checked";
  const mend = '`sacctmgr show associations` tells which you have';
  return [warningAt(specification.locate(['batch', 'bank']), message, mend)];
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
