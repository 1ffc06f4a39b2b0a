import { userInfo } from 'node:os';
import type { Cluster, FakeJob } from './cluster.ts';
import { type FluxException, type FluxFacts, factsJson, formatted, idOf } from './flux-facts.ts';
import { createIds, f58 } from './flux-ids.ts';
import { type Call, complains, prints, type Reply } from './server.ts';

/** Flux's description of a job, as far as this fake reads it. */
interface Jobspec {
  resources?: Resource[];
  tasks: { command: string[]; slot: string; count: Record<string, number> }[];
  attributes: {
    system: {
      duration?: number;
      environment?: Record<string, string>;
      cwd?: string;
      queue?: string;
      job?: { name?: string };
      shell?: { options?: { output?: Record<'stdout' | 'stderr', { path: string } | undefined> } };
    };
    user?: object;
  };
  version: number;
}

interface Resource {
  type: string;
  count: number;
  label?: string;
  exclusive?: boolean;
  with?: Resource[];
}

/** What an instance keeps of a job besides its running. */
export interface FluxDetails {
  readonly jobspec: Jobspec;
  readonly urgency: number;
}

type FluxJob = FakeJob<FluxDetails>;

/** How a fake instance is set up. */
export interface FluxSetup {
  /** Where its commands find it. */
  readonly uri: string;
  readonly queues: readonly string[];
}

const VERSION =
  'commands:    \t\t0.79.0\nlibflux-core:\t\t0.79.0\nbuild-options:\t\t+systemd+hwloc.api==2.8.0+zmq==4.3.4\n';

/** Answers `flux` as an instance of version 0.79 does. */
export class FluxCommands {
  private readonly cluster: Cluster<FluxDetails>;
  private readonly setup: FluxSetup;
  private readonly nextId = createIds();
  /** Jobs that are told as they were recorded, before all others. */
  readonly recorded: FluxFacts[] = [];

  constructor(cluster: Cluster<FluxDetails>, setup: FluxSetup) {
    this.cluster = cluster;
    this.setup = setup;
  }

  readonly answer = (call: Call): Reply => {
    const [command = '', ...args] = call.args;
    if (command === 'version') return prints(VERSION);
    const uri = call.environment.FLUX_URI ?? 'local:///run/flux/local';
    if (uri !== this.setup.uri) return unreachable(command, uri);
    switch (command) {
      case 'submit':
        return this.submit(args, call);
      case 'job':
        return this.job(args, call);
      case 'jobs':
        return this.jobs(args);
      case 'cancel':
        return this.cancel(args);
      case 'queue':
        return prints(queueStatus(this.setup.queues));
      default:
        return complains(`flux: \`${command}' is not a flux command.  See 'flux --help'\n`, 1);
    }
  };

  private submit(args: readonly string[], call: Call): Reply {
    const parsed = parseSubmit(args);
    if (typeof parsed === 'string') return complains(parsed, 1);
    const { options, command, unknown } = parsed;
    if (unknown !== undefined) {
      const usage = 'usage: flux submit [OPTIONS...] COMMAND [ARGS...]\n';
      return complains(`${usage}flux submit: error: unrecognized arguments: ${unknown}\n`, 2);
    }
    if (command.length === 0)
      return complains('flux-submit: ERROR: job command and arguments are missing\n', 1);
    const duration = secondsOf(options.get('time-limit') ?? '0');
    if (duration === undefined) return complains('flux-submit: ERROR: invalid Flux standard duration\n', 1);
    const jobspec = describe(options, command, duration, call);
    if (options.has('dry-run')) return prints(`${JSON.stringify(jobspec)}\n`);
    const accepted = this.accept(jobspec, Number(options.get('urgency') ?? 16));
    return 'id' in accepted
      ? prints(`${this.shown(accepted.id, call)}\n`)
      : complains(`[Errno 22] ${accepted.refusal}\n`, 1);
  }

  private job([verb, ...args]: readonly string[], call: Call): Reply {
    switch (verb) {
      case 'submit': {
        const urgency = /^--urgency=(\d+)$/.exec(args.find((arg) => arg.startsWith('--urgency')) ?? '')?.[1];
        const jobspec: Jobspec = JSON.parse(call.input);
        if (jobspec.resources === undefined) return complains('flux-job: Missing key (resources)\n', 1);
        const accepted = this.accept(jobspec, Number(urgency ?? 16));
        if ('refusal' in accepted) return complains(`flux-job: ${accepted.refusal}\n`, 1);
        return prints(`${this.shown(accepted.id, call)}\n`);
      }
      case 'info':
        return this.info(args[0] ?? '');
      case 'purge': {
        const purged = this.cluster.forgetEnded();
        return prints(`purged ${purged} inactive jobs, 0 remaining\n`);
      }
      default:
        return complains(`flux-job: Unknown subcommand ${verb}\n`, 1);
    }
  }

  private info(word: string): Reply {
    const job = this.cluster.jobs.get(idOf(word));
    if (job === undefined) return complains(`flux-job: ${word}: No such job\n`, 1);
    const { attributes, ...rest } = job.details.jobspec;
    const { environment: _, ...system } = attributes.system;
    return prints(`${JSON.stringify({ ...rest, attributes: { ...attributes, system } })}\n`);
  }

  private accept(jobspec: Jobspec, urgency: number): { id: string } | { refusal: string } {
    const { system } = jobspec.attributes;
    if (system.queue !== undefined && !this.setup.queues.includes(system.queue)) {
      return { refusal: `'${system.queue}' is not a valid queue` };
    }
    const id = this.nextId();
    const file = (stream: 'stdout' | 'stderr') => {
      const path = system.shell?.options?.output?.[stream]?.path ?? `flux-{{id}}.${stream}`;
      return path
        .replaceAll('{{id.dec}}', id)
        .replaceAll('{{id.f58plain}}', f58(id, 'f'))
        .replaceAll('{{id}}', f58(id, 'ƒ'));
    };
    const { ntasks } = sizeOf(jobspec);
    this.cluster.submit(
      id,
      {
        name: system.job?.name ?? '',
        command: jobspec.tasks[0]!.command,
        directory: system.cwd ?? '/tmp',
        environment: {
          ...system.environment,
          FLUX_URI: this.setup.uri,
          FLUX_JOB_ID: f58(id, 'ƒ'),
          FLUX_TASK_RANK: '0',
          FLUX_JOB_SIZE: String(ntasks),
        },
        stdout: file('stdout'),
        stderr: file('stderr'),
        slots: 1,
        ...(system.duration ? { walltimeMs: system.duration * 1000 } : {}),
        isHeld: urgency === 0,
      },
      { jobspec, urgency },
    );
    return { id };
  }

  private shown(id: string, { environment }: Call): string {
    return f58(id, environment.FLUX_F58_FORCE_ASCII || environment.LC_ALL === 'C' ? 'f' : 'ƒ');
  }

  private facts(): FluxFacts[] {
    return [...this.recorded, ...[...this.cluster.jobs.values()].map(factsOf)];
  }

  private jobs(args: readonly string[]): Reply {
    const request = parseJobs(args);
    const bad = request.words.find((word) => idOf(word) === 'malformed');
    if (bad !== undefined) return complains(`${JOBS_USAGE}invalid JobID value: '${bad}'\n`, 2);
    const all = this.facts();
    let chosen: FluxFacts[];
    let complaints = '';
    if (request.words.length > 0) {
      const byId = new Map(all.map((facts) => [facts.id, facts]));
      const asked = request.words.map((word) => byId.get(idOf(word)) ?? word);
      complaints = asked
        .map((found) => (typeof found === 'string' ? `JobID ${found} unknown\n` : ''))
        .join('');
      chosen = asked.filter((found) => typeof found !== 'string');
    } else {
      chosen = inOrder(all.filter(request.filter)).slice(0, request.count === 0 ? undefined : request.count);
    }
    const { format } = request;
    if (format !== undefined) {
      return complains(complaints, 0, chosen.map((facts) => `${formatted(format, facts)}\n`).join(''));
    }
    return complains(complaints, 0, request.words.length === 1 ? oneJson(chosen) : manyJson(chosen));
  }

  private cancel(args: readonly string[]): Reply {
    const words = args.filter((arg, index) => !arg.startsWith('-') && args[index - 1] !== '-m');
    if (words.length === 0) return complains('flux-cancel: ERROR: No target jobs were provided\n', 1);
    const bad = words.find((word) => idOf(word) === 'malformed');
    if (bad !== undefined) {
      const usage = 'usage: flux cancel [OPTIONS] [JOBID...]\n';
      return complains(`${usage}flux-cancel: error: argument JOBID...: invalid JobID value: '${bad}'\n`, 2);
    }
    const errors = words.flatMap((word) => {
      const id = idOf(word);
      const job = this.cluster.jobs.get(id);
      const recorded = this.recorded.find((facts) => facts.id === id);
      const shown = f58(id, 'ƒ');
      if (job === undefined && recorded === undefined)
        return `flux-cancel: ERROR: ${shown}: unknown job id\n`;
      const isOver = job === undefined ? recorded?.state === 'INACTIVE' : !this.cluster.cancel(job);
      return isOver ? `flux-cancel: ERROR: ${shown}: job is inactive\n` : [];
    });
    return complains(errors.join(''), errors.length === 0 ? 0 : 1);
  }
}

/** `flux queue status`, which names queues only where there are several. */
function queueStatus(queues: readonly string[]): string {
  const lines = ['Job submission is enabled\n', 'Scheduling is started\n'];
  if (queues.length === 0) return lines.join('');
  return queues.flatMap((queue) => lines.map((line) => `${queue}: ${line}`)).join('');
}

function unreachable(command: string, uri: string): Reply {
  if (command === 'job') return complains('flux-job: flux_open: No such file or directory\n', 1);
  const socket = uri.replace(/^local:\/\//, '');
  return complains(
    `flux-${command}: ERROR: Unable to connect to Flux: broker socket ${socket} was not found\n`,
    1,
  );
}

const SHORT_OPTIONS: Readonly<Record<string, string>> = {
  n: 'ntasks',
  N: 'nodes',
  c: 'cores-per-task',
  g: 'gpus-per-task',
  t: 'time-limit',
  q: 'queue',
  x: 'exclusive',
};

const LONG_OPTIONS = new Set([
  ...Object.values(SHORT_OPTIONS),
  ...['dry-run', 'exclusive', 'job-name', 'output', 'error', 'cwd', 'urgency', 'requires', 'setattr', 'env'],
]);

const FLAGS = new Set(['dry-run', 'exclusive']);

interface ParsedSubmit {
  readonly options: ReadonlyMap<string, string>;
  readonly command: readonly string[];
  readonly unknown?: string;
}

function parseSubmit(args: readonly string[]): ParsedSubmit | string {
  const options = new Map<string, string>();
  let at = 0;
  for (; at < args.length && args[at]!.startsWith('-'); at++) {
    const [, dashes, letters, value] = /^(--?)([^=]+)(?:=(.*))?$/s.exec(args[at]!)!;
    const name = dashes === '--' ? letters! : SHORT_OPTIONS[letters![0]!];
    if (name === undefined || !LONG_OPTIONS.has(name)) return { options, command: [], unknown: args[at]! };
    if (FLAGS.has(name)) options.set(name, '');
    else if (dashes === '--') options.set(name, value ?? args[++at]!);
    else options.set(name, letters!.length > 1 ? letters!.slice(1) : args[++at]!);
  }
  return { options, command: args.slice(at) };
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { '': 60, ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** A duration of Flux in seconds; a bare number is minutes. */
function secondsOf(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|[smhd]?)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * UNIT_SECONDS[match[2]!]!;
}

function describe(
  options: ReadonlyMap<string, string>,
  command: readonly string[],
  duration: number,
  call: Call,
): Jobspec {
  const count = (name: string) => Number(options.get(name) ?? 1);
  const gpus = options.has('gpus-per-task') ? [{ type: 'gpu', count: count('gpus-per-task') }] : [];
  const nodes = options.has('nodes') ? count('nodes') : undefined;
  const slots = nodes === undefined ? count('ntasks') : Math.ceil(count('ntasks') / nodes);
  const inSlot = [{ type: 'core', count: count('cores-per-task') }, ...gpus];
  const slot: Resource = { type: 'slot', count: slots, with: inSlot, label: 'task' };
  const exclusive = options.has('exclusive') ? { exclusive: true } : {};
  const output = options.get('output');
  const queue = options.get('queue');
  return {
    resources: [nodes === undefined ? slot : { type: 'node', count: nodes, with: [slot], ...exclusive }],
    tasks: [{ command: [...command], slot: 'task', count: { per_slot: 1 } }],
    attributes: {
      system: {
        duration,
        environment: { ...call.environment },
        cwd: options.get('cwd') ?? call.directory,
        ...(queue === undefined ? {} : { queue }),
        job: { name: options.get('job-name') ?? command[0]! },
        shell: {
          options:
            output === undefined ? {} : { output: { stdout: { path: output }, stderr: { path: output } } },
        },
      },
    },
    version: 1,
  };
}

function sizeOf({ resources = [] }: Jobspec): { nodes: number; ntasks: number; ncores: number } {
  const size = { nodes: 1, ntasks: 1, ncores: 1 };
  const walk = (resource: Resource, factor: number): void => {
    const count = factor * resource.count;
    if (resource.type === 'node') size.nodes = count;
    if (resource.type === 'slot') size.ntasks = count;
    if (resource.type === 'core') size.ncores = count;
    for (const inner of resource.with ?? []) walk(inner, count);
  };
  for (const resource of resources) walk(resource, 1);
  return size;
}

const STATES = {
  held: 'SCHED',
  waiting: 'SCHED',
  running: 'RUN',
  ending: 'CLEANUP',
  ended: 'INACTIVE',
} as const;

const { username, uid } = userInfo();

/** What the instance tells of a job that this cluster has run. */
function factsOf(job: FluxJob): FluxFacts {
  const { jobspec, urgency } = job.details;
  const { nodes, ntasks, ncores } = sizeOf(jobspec);
  const submitted = job.submittedAt / 1000;
  const started = job.startedAt === undefined ? undefined : job.startedAt / 1000;
  const ended = job.endedAt === undefined ? undefined : job.endedAt / 1000;
  const end = endOf(job);
  return {
    t_depend: submitted,
    ...(started === undefined ? {} : { t_run: started }),
    ...(ended === undefined ? {} : { t_cleanup: ended, t_inactive: ended }),
    duration: jobspec.attributes.system.duration ?? 0,
    name: job.order.name,
    cwd: job.order.directory,
    ntasks,
    ncores,
    ...(started === undefined ? {} : { nnodes: nodes, ranks: '0', nodelist: 'fake' }),
    priority: urgency === 31 ? 4294967295 : urgency,
    ...(end === undefined ? {} : { success: end.result === 'COMPLETED', result: end.result }),
    ...(end?.waitstatus === undefined ? {} : { waitstatus: end.waitstatus }),
    id: job.id,
    t_submit: submitted,
    state: STATES[job.phase],
    username,
    userid: uid,
    urgency,
    ...(started === undefined ? {} : { runtime: (ended ?? Date.now() / 1000) - started }),
    status: end?.result ?? STATES[job.phase],
    ...(end === undefined ? {} : { returncode: end.returncode }),
    dependencies: [],
    annotations: {},
    exception: end?.exception ?? { occurred: false },
  };
}

interface FluxEnd {
  readonly result: NonNullable<FluxFacts['result']>;
  readonly waitstatus?: number;
  readonly returncode: number;
  readonly exception: FluxException;
}

const EXCEPTIONS = {
  cancel: ['CANCELED', 'cancel', ''],
  walltime: ['TIMEOUT', 'timeout', 'resource allocation expired'],
  node: ['FAILED', 'exec', 'node failure on fake (rank 0)'],
  output: ['FAILED', 'exec', 'shell_init: No such file or directory'],
} as const;

function endOf({ end }: FluxJob): FluxEnd | undefined {
  if (end === undefined) return undefined;
  const { cause, status } = end;
  // The shell that starts a task tells its signal as a code.
  const code = status && ('code' in status ? status.code : 128 + status.signal);
  const ran = code === undefined ? { returncode: -128 } : { waitstatus: code << 8, returncode: code };
  if (cause === 'itself') {
    return { result: code === 0 ? 'COMPLETED' : 'FAILED', ...ran, exception: { occurred: false } };
  }
  const [result, type, note] = EXCEPTIONS[cause];
  return { result, ...ran, exception: { occurred: true, severity: 0, type, note } };
}

const JOBS_USAGE = [
  'usage: flux-jobs [-h] [-a] [-A] [-c N] [-f STATE|RESULT] [--since WHEN] [-n]',
  '                 [-u [USERNAME|UID]] [--name JOB-NAME] [-q QUEUE,...]',
  '                 [-i HOSTS|RANKS] [-o FORMAT] [--sort KEY,...] [-w [N]]',
  '                 [--json] [--color [WHEN]] [-R] [-L N] [--recurse-all]',
  '                 [--threads N] [--stats] [--stats-only]',
  '                 [JOBID ...]',
  'flux-jobs: error: argument JOBID: ',
].join('\n');

interface JobsRequest {
  readonly words: readonly string[];
  readonly filter: (facts: FluxFacts) => boolean;
  /** 0: all. */
  readonly count: number;
  /** Undefined: as JSON. */
  readonly format: string | undefined;
}

function parseJobs(args: readonly string[]): JobsRequest {
  const words: string[] = [];
  let isAll = false;
  let states: readonly string[] | undefined;
  let name: string | undefined;
  let count = 1000;
  let format: string | undefined;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (arg === '-a' || arg.startsWith('--since=')) isAll = true;
    else if (arg === '-c') count = Number(args[++at]);
    else if (arg === '-f') states = args[++at]!.toUpperCase().split(',');
    else if (arg === '-o') format = args[++at];
    else if (arg.startsWith('--name=')) name = arg.slice('--name='.length);
    else if (!arg.startsWith('-')) words.push(arg);
  }
  const filter = (facts: FluxFacts): boolean => {
    if (name !== undefined && facts.name !== name) return false;
    if (states !== undefined) return states.includes(facts.status);
    return isAll || facts.state !== 'INACTIVE';
  };
  return { words, filter, count, format };
}

/** What waits by its priority, what depends, what runs, what has ended; in each the latest first. */
function inOrder(jobs: readonly FluxFacts[]): FluxFacts[] {
  const group = ({ state }: FluxFacts): number =>
    ['SCHED', 'DEPEND', 'RUN', 'CLEANUP', 'INACTIVE'].indexOf(state);
  const latest = (facts: FluxFacts): number => facts.t_inactive ?? facts.t_run ?? 0;
  return [...jobs].sort((a, b) => {
    const byGroup = group(a) - group(b);
    if (byGroup !== 0) return byGroup;
    const byPriority = group(a) === 0 ? (b.priority ?? 0) - (a.priority ?? 0) : 0;
    return byPriority || latest(b) - latest(a) || a.t_submit - b.t_submit;
  });
}

function oneJson(jobs: readonly FluxFacts[]): string {
  return jobs.map((facts) => `${factsJson(facts)}\n`).join('');
}

function manyJson(jobs: readonly FluxFacts[]): string {
  return `{"jobs": [${jobs.map(factsJson).join(', ')}]}\n`;
}
