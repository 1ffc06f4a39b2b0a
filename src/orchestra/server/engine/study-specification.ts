import { stringify } from 'yaml';
import { quoteForShell } from '../../../shared/quote-for-shell.ts';
import { batchOf, isLocalQueue } from './queue-batch.ts';
import type { TaskPlan } from './task-plan.ts';

/** What starts a job: a script that every job runs, and the settings of its task. Absolute paths. */
export interface JobProgram {
  readonly script: string;
  readonly settings: string;
}

/** Both kinds of steps are called so; the combination's label says which job it is. */
const LABEL = 'configId_%%';

/**
 * The specification of a task's study. Its steps are its jobs: step i of the expansion runs job i.
 *
 * `canary` stands once for each canary and `job` once for each other job, which all canaries must have finished
 * before. One table of parameters serves both: a step stands once for each value of the parameters that it names, so
 * CANARY counts the canaries and repeats its first value in all other rows, while N does so the other way round.
 */
export function studySpecification(plan: TaskPlan, program: JobProgram): string {
  const { jobs, name } = plan;
  const canaries = Math.min(plan.canaries, jobs.length);
  const hasOthers = canaries < jobs.length;
  const study = [];
  const parameters: Record<string, { values: readonly number[]; label: string }> = {};
  if (canaries > 0) {
    parameters.CANARY = { values: jobs.map((_, row) => (row < canaries ? row : 0)), label: LABEL };
    study.push(step(plan, program, { name: 'canary', parameter: 'CANARY', depends: [] }));
  }
  if (hasOthers) {
    parameters.N = { values: jobs.map((_, row) => Math.max(row, canaries)), label: LABEL };
    const depends = canaries > 0 ? ['canary_*'] : [];
    study.push(step(plan, program, { name: 'job', parameter: 'N', depends }));
  }
  return stringify({
    description: { name, description: `Task ${name}, run ${plan.run}.` },
    batch: batchOf(plan.queue),
    study,
    'global.parameters': parameters,
  });
}

function step(
  { queue }: TaskPlan,
  { script, settings }: JobProgram,
  { name, parameter, depends }: { name: string; parameter: string; depends: readonly string[] },
): object {
  const cmd = `settings=${quoteForShell(settings)}\nnumber=$(${parameter})\n. ${quoteForShell(script)}\n`;
  const gpus = queue.gpus === undefined ? {} : { gpus: 1 };
  return {
    name,
    description: `${name} ${`$(${parameter})`}`,
    run: {
      cmd,
      ...(depends.length === 0 ? {} : { depends }),
      ...(queue.walltime === undefined ? {} : { walltime: `${Math.ceil(queue.walltime * 60)}s` }),
      // On this machine a job takes one slot, whatever it does there, and its device is a matter of locks.
      ...(isLocalQueue(queue) ? {} : { nodes: 1, procs: 1, ...gpus }),
    },
  };
}

/** The name of the step that is a job: row `number` of the expansion. */
export function stepNameOf(number: number, canaries: number): string {
  return `${number < canaries ? 'canary' : 'job'}_configId_${number}`;
}
