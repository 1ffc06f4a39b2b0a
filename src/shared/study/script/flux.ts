import type { Job, SchedulerOption, ScriptDialect, Share } from './dialect.ts';
import { oneLine, shellWord } from './words.ts';

/** Flux: `#INFO` lines for the reader (Flux takes its options at submission), `flux run`. */
export const flux: ScriptDialect = {
  extension: 'flux.sh',
  headsUnscheduled: true,
  header,
  launcher,
  nodes,
  options: { line: optionLine, clash },
};

function nodes({ own, shared }: Job): number {
  return own.nodes ?? shared.nodes ?? 1;
}

function header(job: Job): string[] {
  const { batch } = job;
  const lines = [`#INFO (nodes) ${nodes(job)}`, `#INFO (walltime) ${walltimeSeconds(job)}`];
  // Which flux will run the script is not known when it is written: only what the user asked for is told.
  if (batch.version) lines.push(`#INFO (flux adapter version) ${oneLine(batch.version)}`);
  lines.push(`#INFO (queue) ${oneLine(batch.queue ?? '')}`);
  if (batch.uri) lines.push(`#INFO (flux_uri) ${oneLine(batch.uri)}`);
  return lines;
}

/** Clock times as Python prints a float, others as it prints an int: users' scripts compare these lines. */
function walltimeSeconds({ own, step }: Job): string {
  if (own.walltime.kind !== 'limit') return '0';
  const { seconds } = own.walltime;
  const isClock = step.resources.walltime?.includes(':') === true;
  return isClock && Number.isInteger(seconds) ? `${seconds}.0` : String(seconds);
}

function launcher(job: Job, share: Share): string {
  const { own, batch } = job;
  let command = `flux run -n ${share.procs} -N ${share.nodes ?? nodes(job)} -c ${own.coresPerTask ?? 1}`;
  if (own.gpus !== undefined) command += ` -g ${own.gpus}`;
  const options = Object.keys(batch.args)
    .filter((name) => !name.startsWith('-'))
    .sort();
  if (options.length > 0) {
    command += ` -o ${options.map((name) => shellWord(`${name}=${batch.args[name]}`)).join(',')}`;
  }
  return command;
}

function optionLine({ name, value }: SchedulerOption): string {
  return `#INFO (option) ${oneLine(fluxOption({ name, value }))}`;
}

/** An option as `flux submit` takes it, in one word. */
export function fluxOption({ name, value }: SchedulerOption): string {
  if (name.length === 1) return `-${name}${value ?? ''}`;
  return value === undefined ? `--${name}` : `--${name}=${value}`;
}

/** Options that a key of the specification stands for. */
const KEYS: Readonly<Record<string, string>> = {
  nodes: 'nodes',
  N: 'nodes',
  ntasks: 'procs',
  nslots: 'procs',
  n: 'procs',
  'cores-per-task': 'cores per task',
  'cores-per-slot': 'cores per task',
  c: 'cores per task',
  'gpus-per-task': 'gpus',
  'gpus-per-slot': 'gpus',
  g: 'gpus',
  exclusive: 'exclusive',
  x: 'exclusive',
  'time-limit': 'walltime',
  t: 'walltime',
  queue: 'queue',
  q: 'queue',
  bank: 'bank',
  B: 'bank',
  urgency: 'priority',
  flags: 'waitable',
};

/** Options by which a job would be named, found, placed or awaited in another way than Maestro expects. */
const OURS = new Set(
  ['job-name', 'cwd', 'output', 'error', 'dry-run', 'cc', 'bcc', 'wait', 'wait-event', 'watch', 'quiet']
    .concat([
      'progress',
      'jps',
      'log',
      'log-stderr',
      'verbose',
      'v',
      'help',
      'h',
      'tasks-per-node',
      'tasks-per-core',
    ])
    .concat(['define', 'label-io', 'l', 'unbuffered', 'u', 'taskmap']),
);

function clash({ name }: SchedulerOption): string | undefined {
  if (Object.hasOwn(KEYS, name)) return `write ${KEYS[name]} in its place`;
  return OURS.has(name) ? 'remove it' : undefined;
}
