import { quoteForShell } from '../../../shared/quote-for-shell.ts';
import type { ContainerPlan, Word } from '../containers/container-plan.ts';
import type { Runtime } from '../containers/runtime.ts';
import { shellText } from '../containers/shell-text.ts';
import { quoteAs, splitAtWords, substitute } from '../quoting.ts';
import type { PlannedJob, TaskPlan } from './task-plan.ts';

/** Where the files of a task's jobs are on this machine, as absolute paths. */
export interface JobPlaces {
  /** What containers see as `/volume`. */
  readonly volume: string;
  /** One file for each {@link INPUTS_A_FILE} jobs, which says what their inputs are. */
  readonly inputs: string;
  /** One file for each device of the queue; whoever holds its lock has the device. */
  readonly devices: string;
}

/** What a task's jobs are run by. */
export interface JobMeans {
  readonly runtime: Runtime;
  readonly container: ContainerPlan;
  /** Begins the names of this cluster's containers. */
  readonly containerPrefix: string;
  readonly places: JobPlaces;
  /** Devices to take one of; empty where the batch scheduler gives them, or there are none. */
  readonly gpus: readonly string[];
}

/** So few that a shell reads over the other jobs' lines in no time, and so many that a task has few files. */
export const INPUTS_A_FILE = 100;

/**
 * The settings of a task's jobs, which the job's script reads as shell: assignments and two functions. Everything
 * that a user has written is quoted.
 */
export function settingsText(plan: TaskPlan, means: JobMeans): string {
  const { runtime, container, places, gpus, containerPrefix } = means;
  const inside = runtime.hasVolume ? '/volume' : places.volume;
  const output = `${plan.owner}/${plan.name}`;
  return [
    assign('task', plan.name),
    assign('outputs', `${places.volume}/${output}`),
    assign('outputs_inside', `${inside}/${output}`),
    ...QUOTINGS.map((quoting) => assign(`outputs_${quoting}`, quoteAs(`${inside}/${output}/`, quoting))),
    assign('inputs', hasInputs(plan) ? places.inputs : ''),
    assign('container_prefix', `${containerPrefix}-${plan.id}-${plan.run}`),
    assign('device_locks', gpus.length === 0 ? '' : places.devices),
    assign('device_names', gpus.join(' ')),
    assign('devices', plan.queue.gpus === undefined ? '-1' : ''),
    shellFunction('set_command', commandAssignment(commandFor(plan, means))),
    assign('outlives_caller', runtime.end === undefined ? '' : 'yes'),
    shellFunction(
      'run_container',
      `${runtime.end === undefined ? '' : 'exec '}${shellText(runtime.call(container))}`,
    ),
    shellFunction('end_container', runtime.end === undefined ? ':' : silently(runtime.end)),
    '',
  ].join('\n');
}

/** What the jobs of one file of inputs read: `case` picks the line of a job. */
export function inputsText(jobs: readonly PlannedJob[], inside: string): string {
  const lines = jobs.map(({ number, input }) => {
    const path = `${inside}/${input}`;
    const forms = QUOTINGS.map((quoting) => assign(`input_${quoting}`, quoteAs(path, quoting)));
    return `${number}) ${forms.join(' ')} ;;`;
  });
  return ['case $number in', ...lines, 'esac', ''].join('\n');
}

const QUOTINGS = ['bare', 'single', 'double'] as const;

/** Whether any of the jobs has an input. */
export function hasInputs({ jobs }: TaskPlan): boolean {
  return jobs.some(({ input }) => input !== '');
}

/** A job that sees the volume where it is finds there what others find below /volume. */
function commandFor({ command, owner }: TaskPlan, { runtime, places }: JobMeans): string {
  if (runtime.hasVolume) return command;
  return substitute(command, new Map([[`/volume/${owner}/`, `${places.volume}/${owner}/`]]));
}

/** `command=…`, with the job's own input and output in the place of `%IN` and `%OUT`. */
function commandAssignment(command: string): string {
  const pieces = splitAtWords(command, ['%IN', '%OUT']).map((piece) => {
    if (piece.kind === 'text') return quoteForShell(piece.text);
    return piece.word === '%IN' ? `"$input_${piece.quoting}"` : `"$outputs_${piece.quoting}$name"`;
  });
  return `command=${pieces.join('')}`;
}

function assign(name: string, value: string): string {
  return `${name}=${quoteForShell(value)}`;
}

function shellFunction(name: string, body: string): string {
  return `${name}() {\n${body}\n}`;
}

function silently(words: readonly Word[]): string {
  return `${shellText(words)} >/dev/null 2>&1`;
}
