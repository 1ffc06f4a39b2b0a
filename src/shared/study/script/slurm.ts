import type { Job, SchedulerOption, ScriptDialect, Share } from './dialect.ts';
import { directiveWord, quoted, truncated } from './words.ts';

const SLURM_TIME = /^(?:\d+-)?\d+(?::\d+){0,2}$/;

/** In bytes. A job with a longer comment is refused, and a description is not worth a job. */
const MAX_COMMENT = 1024;

/** Slurm: `#SBATCH` lines, `srun`. */
export const slurm: ScriptDialect = {
  extension: 'slurm.sh',
  headsUnscheduled: false,
  header,
  launcher,
  nodes,
  options: { line: optionLine, clash },
};

function nodes({ own, shared }: Job): number | undefined {
  return own.nodes ?? shared.nodes;
}

function header(job: Job): string[] {
  const { batch, step, own } = job;
  const lines: string[] = [];
  const add = (option: string, value: string | number | undefined) => {
    if (value !== undefined && value !== '') lines.push(`#SBATCH ${option}${value}`);
  };
  const word = (value: string | undefined) => (value ? directiveWord(value) : undefined);
  const text = (value: string | undefined) => (value ? quoted(value) : undefined);
  add('--nodes=', nodes(job));
  add('--partition=', word(batch.queue));
  add('--account=', word(batch.bank));
  add('--time=', time(job));
  add('--job-name=', quoted(step.jobName));
  add('--output=', quoted(`${step.baseName}.out`));
  add('--error=', quoted(`${step.baseName}.err`));
  add('--comment ', text(truncated(step.description, MAX_COMMENT)));
  add('--reservation=', text(step.resources.reservation || batch.reservation));
  add('--gres=gpu:', own.gpus);
  add('--ntasks=', ntasks(job));
  if (own.exclusive) lines.push('#SBATCH --exclusive');
  add('--qos=', word(step.resources.qos || batch.qos));
  return lines;
}

/**
 * A step that gives its nodes is taken to have them whole, so its own procs are for srun alone; procs for all
 * steps, from the batch block, are always told to Slurm.
 */
function ntasks(job: Job): number | undefined {
  const { own, shared } = job;
  const isWritten = nodes(job) === undefined || shared.procs !== undefined;
  return isWritten ? (own.procs ?? shared.procs) : undefined;
}

/** Times that Slurm reads stay as the user wrote them; other forms become `H:MM:SS`. */
function time({ own, step }: Job): string | undefined {
  const text = step.resources.walltime?.trim() ?? '';
  if (SLURM_TIME.test(text)) return text;
  if (own.walltime.kind === 'limit') return hoursMinutesSeconds(own.walltime.seconds);
  return own.walltime.kind === 'unlimited' ? 'UNLIMITED' : undefined;
}

function hoursMinutesSeconds(seconds: number): string {
  const whole = Math.ceil(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

function launcher({ own }: Job, share: Share): string {
  let command = `srun -n ${share.procs}`;
  if (share.nodes !== undefined) command += ` -N ${share.nodes}`;
  if (own.coresPerTask !== undefined) command += ` -c ${own.coresPerTask}`;
  return command;
}

function optionLine({ name, value }: SchedulerOption): string {
  const option = name.length === 1 ? `-${name}` : `--${name}`;
  if (value === undefined) return `#SBATCH ${option}`;
  return `#SBATCH ${option}${name.length === 1 ? ' ' : '='}${directiveWord(value)}`;
}

/** Options that a key of the specification stands for. */
const KEYS: Readonly<Record<string, string>> = {
  nodes: 'nodes',
  N: 'nodes',
  ntasks: 'procs',
  n: 'procs',
  partition: 'queue',
  p: 'queue',
  account: 'bank',
  A: 'bank',
  time: 'walltime',
  t: 'walltime',
  reservation: 'reservation',
  qos: 'qos',
  q: 'qos',
};

/** Options by which a job would be named, found, placed or awaited in another way than Maestro expects. */
const OURS = new Set(
  [
    'job-name',
    'J',
    'output',
    'o',
    'error',
    'e',
    'comment',
    'chdir',
    'D',
    'array',
    'a',
    'parsable',
    'wrap',
  ].concat(['wait', 'W', 'test-only', 'clusters', 'M', 'requeue', 'no-requeue', 'help', 'usage', 'version']),
);

const ASKS_FOR_GPUS = /^(?:gres|gpus|G|gpus-per-node|gpus-per-task|gpus-per-socket)$/;

function clash({ name }: SchedulerOption, { own }: Job): string | undefined {
  if (Object.hasOwn(KEYS, name)) return `write ${KEYS[name]} in its place`;
  if (OURS.has(name)) return 'remove it';
  if (ASKS_FOR_GPUS.test(name) && own.gpus !== undefined) return 'write it, or gpus, but not both';
  if (name === 'exclusive' && own.exclusive) return 'write it, or exclusive, but not both';
  return undefined;
}
