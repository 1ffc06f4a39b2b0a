import { basename } from 'node:path';
import type { Allocation, Submission } from '../scheduler.ts';

/** Flux's description of a job (RFC 25), as far as it is touched here. */
export interface Jobspec {
  readonly resources: readonly unknown[];
  readonly tasks: readonly Readonly<Record<string, unknown>>[];
  readonly attributes: {
    readonly system: Readonly<Record<string, unknown>> & { readonly shell?: { readonly options?: object } };
    readonly user?: object;
  };
  readonly version: number;
}

/** Stands for the job's command where a template is made. */
const COMMAND = 'maestro-job';

/**
 * The arguments of `flux` that make a template for all jobs of an allocation: this is how Flux's own command, with
 * the site's defaults and the user's options, would have it. `nodes` are always given, since `flux run` in the
 * script is given them too. GPUs are counted by process, as `flux run -g` counts them.
 */
export function templateArgs(allocation: Allocation): string[] {
  const {
    nodes = 1,
    procs,
    coresPerTask = 1,
    gpus,
    walltimeSeconds,
    exclusive,
    queue,
    args = [],
  } = allocation;
  return [
    'submit',
    '--dry-run',
    `-N${nodes}`,
    `-n${Math.max(procs ?? nodes, nodes)}`,
    `-c${coresPerTask}`,
    ...(gpus === undefined ? [] : [`-g${gpus}`]),
    ...(exclusive === true ? ['--exclusive'] : []),
    ...(walltimeSeconds ? [`-t${walltimeSeconds}s`] : []),
    ...(queue === undefined ? [] : [`--queue=${queue}`]),
    ...args,
    COMMAND,
  ];
}

/** Reads what `flux submit --dry-run` prints; undefined if that is no jobspec. */
export function readTemplate(stdout: string): Jobspec | undefined {
  try {
    const spec: Partial<Jobspec> | null = JSON.parse(stdout);
    const isWhole = spec?.tasks?.[0] !== undefined && spec.attributes?.system !== undefined;
    return isWhole ? (spec as Jobspec) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether a job gets an instance of Flux for itself. On several nodes it always does: a script runs on one of
 * them only, and reaches the others through its instance.
 */
export function isNested({ nested = true, nodes = 1 }: Allocation): boolean {
  return nested || nodes > 1;
}

/** The jobspec of a submission, from the template of its allocation. */
export function jobspecOf(template: Jobspec, submission: Submission): Jobspec {
  const { id, file, directory, members, allocation } = submission;
  const { system, user } = template.attributes;
  const [first] = members;
  const nested = isNested(allocation);
  const options = {
    ...system.shell?.options,
    ...(nested ? BROKER_OPTIONS : {}),
    output: outputOf(submission),
  };
  return {
    ...template,
    tasks: [
      nested ? brokerTask(template, file) : { ...template.tasks[0], command: [file], count: { total: 1 } },
    ],
    attributes: {
      ...template.attributes,
      user: { ...user, maestro: id },
      system: {
        ...system,
        cwd: directory,
        job: { name: first!.name },
        ...(allocation.bank === undefined ? {} : { bank: allocation.bank }),
        shell: { ...system.shell, options },
      },
    },
  };
}

/** One broker on each node, which starts the script; as `flux batch` does it. */
const BROKER_OPTIONS = { 'per-resource': { type: 'node' }, mpi: 'none' };

function brokerTask(template: Jobspec, file: string): Jobspec['tasks'][number] {
  return { ...template.tasks[0], command: ['flux', 'broker', file] };
}

const SCRIPT_ENDING = /(?:\.restart)?\.flux\.sh$/;

/** Flux takes no outputs from the script's header. The id in their names is the one that users see. */
function outputOf({ members }: Submission): object {
  const base = basename(members[0]!.script).replace(SCRIPT_ENDING, '');
  const file = (ending: string) => ({ type: 'file', path: `${base}.{{id.dec}}.${ending}` });
  return { stdout: file('out'), stderr: file('err') };
}

/** The submission that a job's jobspec was made for; undefined for a job of anybody else. */
export function submissionOf(jobspec: string): string | undefined {
  try {
    const { attributes } = JSON.parse(jobspec) as { attributes?: { user?: { maestro?: unknown } } };
    const id = attributes?.user?.maestro;
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}

/** The arguments of `flux` that submit a jobspec given on standard input. */
export function submitArgs({ urgency, waitable }: Allocation): string[] {
  return [
    'job',
    'submit',
    ...(urgency === undefined ? [] : [`--urgency=${urgency}`]),
    ...(waitable === true ? ['--flags=waitable'] : []),
  ];
}
