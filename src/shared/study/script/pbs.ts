import type { Batch } from '../../spec/specification.ts';
import type { Job, SchedulerOption, ScriptDialect, Share } from './dialect.ts';
import { directiveWord } from './words.ts';

/** PBS: `#PBS` lines, `mpiexec`. OpenPBS is meant unless the batch block's version says Torque. */
export const pbs: ScriptDialect = {
  extension: 'pbs.sh',
  headsUnscheduled: false,
  header,
  launcher,
  nodes,
  options: { line: optionLine, clash },
};

/** Whether a batch block is for Torque, which asks for nodes in a way of its own. */
export function isTorque({ version }: Pick<Batch, 'version'>): boolean {
  return /^torque/i.test(version?.trim() ?? '');
}

/** PBS refuses longer names. */
const MAX_NAME = { openpbs: 230, torque: 15 } as const;

function nodes({ own, shared }: Job): number | undefined {
  return own.nodes ?? shared.nodes;
}

function header(job: Job): string[] {
  const { batch, step } = job;
  const { reservation, qos } = { ...batch, ...step.resources };
  const lines: string[] = [];
  const add = (option: string, value: string | undefined) => {
    if (value) lines.push(`#PBS ${option}${directiveWord(value)}`);
  };
  add('-N ', jobName(job));
  // OpenPBS gives each reservation a queue of its own, by its name.
  add('-q ', isTorque(batch) ? batch.queue : reservation || batch.queue);
  add('-A ', batch.bank);
  if (isTorque(batch)) add('-W ', reservation && `x=FLAGS:ADVRES:${reservation}`);
  for (const request of isTorque(batch) ? torqueRequests(job) : requests(job))
    lines.push(`#PBS -l ${request}`);
  add('-l walltime=', walltime(job));
  add('-l qos=', qos);
  add('-o ', `${step.baseName}.out`);
  add('-e ', `${step.baseName}.err`);
  // A job that PBS started a second time by itself would be an attempt that nobody counts.
  lines.push('#PBS -r n');
  return lines;
}

/** PBS takes few characters in names, and some versions none but a letter as the first. */
function jobName({ batch, step }: Job): string {
  const legal = step.baseName.replace(/[^A-Za-z0-9+._-]/g, '_').replace(/^(?![A-Za-z])/, 's');
  return legal.slice(0, isTorque(batch) ? MAX_NAME.torque : MAX_NAME.openpbs);
}

function walltime({ own }: Job): string | undefined {
  if (own.walltime.kind !== 'limit' || own.walltime.seconds <= 0) return undefined;
  const whole = Math.ceil(own.walltime.seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** Alike chunks: so many of them with so many processes each. */
interface Chunks {
  readonly count: number;
  readonly procs: number;
}

/**
 * The processes on the nodes, as evenly as they go; without nodes each process is a chunk for itself, and PBS
 * chooses its place. GPUs are counted by node, so with them and without nodes one node is meant.
 */
function chunksOf(job: Job): Chunks[] {
  const { own, shared } = job;
  const on = nodes(job) ?? (own.gpus === undefined ? undefined : 1);
  const procs = own.procs ?? shared.procs ?? on ?? 1;
  if (on === undefined) return [{ count: procs, procs: 1 }];
  const fewer = Math.floor(procs / on);
  const fuller = procs % on;
  return [
    { count: fuller, procs: fewer + 1 },
    { count: on - fuller, procs: fewer },
  ].filter(({ count }) => count > 0);
}

function requests(job: Job): string[] {
  const { own } = job;
  const select = chunksOf(job).map(({ count, procs }) => {
    let chunk = `${count}:ncpus=${Math.max(1, procs) * (own.coresPerTask ?? 1)}:mpiprocs=${procs}`;
    if (own.coresPerTask !== undefined) chunk += `:ompthreads=${own.coresPerTask}`;
    if (own.gpus !== undefined) chunk += `:ngpus=${own.gpus}`;
    return chunk;
  });
  const place = [nodes(job) === undefined ? 'free' : 'scatter', ...(own.exclusive ? ['excl'] : [])];
  return [`select=${select.join('+')}`, `place=${place.join(':')}`];
}

function torqueRequests(job: Job): string[] {
  const { own } = job;
  const spread = chunksOf(job).map(({ count, procs }) => {
    const chunk = `${count}:ppn=${Math.max(1, procs) * (own.coresPerTask ?? 1)}`;
    return own.gpus === undefined ? chunk : `${chunk}:gpus=${own.gpus}`;
  });
  return [`nodes=${spread.join('+')}`, ...(own.exclusive ? ['naccesspolicy=singlejob'] : [])];
}

/** Options for the spread over nodes differ from one mpiexec to another; the hosts come from PBS. */
function launcher(_job: Job, share: Share): string {
  return `mpiexec -n ${share.procs}`;
}

/** Names of one letter are options of qsub; longer ones are resources, which `-l` asks for. */
function optionLine({ name, value }: SchedulerOption): string {
  if (name.length > 1) return `#PBS -l ${directiveWord(`${name}=${value ?? 'true'}`)}`;
  return value === undefined ? `#PBS -${name}` : `#PBS -${name} ${directiveWord(value)}`;
}

/** Options and resources that a key of the specification stands for. */
const KEYS: Readonly<Record<string, string>> = {
  q: 'queue',
  A: 'bank',
  walltime: 'walltime',
  select: 'nodes, procs, cores per task and gpus',
  nodes: 'nodes, procs, cores per task and gpus',
  ncpus: 'procs and cores per task',
  mpiprocs: 'procs',
  ngpus: 'gpus',
  place: 'nodes and exclusive',
};

/** Options by which a job would be named, found, placed or awaited in another way than Maestro expects. */
const OURS = new Set(['N', 'o', 'e', 'j', 'r', 'J', 't', 'I', 'X', 'x', 'z', 'C', 'S', 'd', 'D', 'w', 'f']);

function clash({ name, value }: SchedulerOption): string | undefined {
  if (Object.hasOwn(KEYS, name)) return `write ${KEYS[name]} in its place`;
  if (OURS.has(name)) return 'remove it';
  if (name === 'v') return 'set the variable in cmd, or export all with V: true';
  const resource = name === 'l' ? (value ?? '').split(',').map((part) => part.split('=')[0]!.trim()) : [];
  const taken = resource.find((each) => Object.hasOwn(KEYS, each));
  return taken === undefined ? undefined : `write ${KEYS[taken]} in place of ${taken}`;
}
