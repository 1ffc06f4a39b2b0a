import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { Cluster, FakeJob } from './cluster.ts';
import { directivesOf, headerOptions, optionsOf } from './directives.ts';
import { type Call, complains, prints, type Reply } from './server.ts';

/** What PBS keeps of a job besides its running. */
export interface PbsDetails {
  readonly queue: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly resources: Readonly<Record<string, string>>;
  readonly script: string;
}

type PbsJob = FakeJob<PbsDetails>;

/** Which PBS, and how it is set up. */
export interface PbsSetup {
  readonly flavour: 'openpbs' | 'torque';
  readonly queues: readonly string[];
  /** Whether ended jobs can be asked for; OpenPBS does not keep them unless it is told to. */
  readonly keepsHistory: boolean;
}

const FLAGS = new Set(['h', 'x', 'f', 'V', 'I', 'X', 'z', 'Q', '-version']);

const VERSIONS = {
  openpbs: 'pbs_version = 22.05.11\n',
  torque: 'Version: 6.1.2\nCommit: 661e092\n',
} as const;

const { username } = userInfo();

/** Answers qsub, qstat, qselect and qdel as the manuals of OpenPBS 22 and Torque 6 say. */
export class PbsCommands {
  private readonly cluster: Cluster<PbsDetails>;
  private readonly setup: PbsSetup;
  private lastId = 0;

  constructor(cluster: Cluster<PbsDetails>, setup: PbsSetup) {
    this.cluster = cluster;
    this.setup = setup;
  }

  readonly answer = (call: Call): Reply => {
    const { options, operands } = optionsOf(call.args, FLAGS);
    if (options.has('-version')) return prints(VERSIONS[this.setup.flavour]);
    if (options.has('Q')) return prints(this.setup.queues.map(queueText).join(''));
    if (call.program === 'qsub') return this.qsub(options, operands, call);
    if (call.program === 'qdel') return this.qdel(operands);
    if (options.has('x') && this.setup.flavour === 'torque') {
      // There it asks for XML.
      return prints('<Data></Data>\n');
    }
    if (options.has('x') && !this.setup.keepsHistory) {
      return complains(`${call.program}: PBS is not configured to maintain job history\n`, 1);
    }
    if (call.program === 'qselect') return this.qselect(options.has('x'));
    return this.qstat(options, operands);
  };

  private qsub(given: ReadonlyMap<string, string>, operands: readonly string[], call: Call): Reply {
    const [script = ''] = operands;
    const text = readFileSync(resolve(call.directory, script), 'utf8');
    const directives = directivesOf(text, '#PBS');
    const options = new Map([...headerOptions(directives, FLAGS), ...given]);
    const queue = options.get('q') ?? 'workq';
    if (!this.setup.queues.includes(queue)) return complains('qsub: Unknown queue\n', 170);
    const id = `${++this.lastId}.fake`;
    const resources = resourcesOf(directives);
    const variables = variablesOf(options.get('v') ?? '', call);
    const output = (option: string, letter: string) =>
      resolve(call.directory, options.get(option) ?? `${options.get('N') ?? script}.${letter}${this.lastId}`);
    const walltimeMs = secondsOf(resources.walltime) * 1000;
    this.cluster.submit(
      id,
      {
        name: options.get('N') ?? 'STDIN',
        command: [resolve(call.directory, script)],
        // Jobs of PBS start at home, wherever they were submitted.
        directory: '/',
        environment: {
          ...(options.has('V') ? call.environment : {}),
          HOME: '/',
          PATH: call.environment.PATH,
          FAKE_SCHEDULER_DIR: call.environment.FAKE_SCHEDULER_DIR,
          ...variables,
          PBS_JOBID: id,
          PBS_ENVIRONMENT: 'PBS_BATCH',
        },
        stdout: output('o', 'o'),
        stderr: output('e', 'e'),
        slots: 1,
        ...(walltimeMs === 0 ? {} : { walltimeMs }),
        isHeld: options.has('h'),
      },
      { queue, variables, resources, script },
    );
    return prints(`${id}\n`);
  }

  private qdel(ids: readonly string[]): Reply {
    const errors = ids.map((id) => {
      const job = this.jobOf(id);
      if (job === undefined) return `qdel: Unknown Job Id ${full(id)}\n`;
      if (this.cluster.cancel(job)) return '';
      return this.setup.flavour === 'openpbs'
        ? `qdel: Job has finished ${job.id}\n`
        : `qdel: Request invalid for state of job MSG=invalid state for job - COMPLETE ${job.id}\n`;
    });
    return complains(errors.join(''), errors.some((error) => error !== '') ? 153 : 0);
  }

  private qselect(withEnded: boolean): Reply {
    const shown = [...this.cluster.jobs.values()].filter((job) => this.isShown(job, withEnded));
    return prints(shown.map(({ id }) => `${id}\n`).join(''));
  }

  private qstat(options: ReadonlyMap<string, string>, ids: readonly string[]): Reply {
    const { flavour } = this.setup;
    if (options.has('F') && flavour === 'torque')
      return complains("qstat: invalid option -- 'F'\nusage:\n", 2);
    const found: PbsJob[] = [];
    let errors = '';
    let code = 0;
    for (const id of ids) {
      const job = this.jobOf(id);
      if (job === undefined) {
        errors += `qstat: Unknown Job Id ${full(id)}\n`;
        code = 153;
      } else if (this.isShown(job, options.has('x'))) found.push(job);
      else {
        errors += `qstat: ${job.id} Job has finished, use -x or -H to obtain historical job information\n`;
        code = 35;
      }
    }
    const told = found.map((job) => [job.id, attributesOf(job, flavour)] as const);
    if (!options.has('F')) return complains(errors, code, told.map(([id, job]) => asText(id, job)).join(''));
    return complains(errors, code, asJson(told));
  }

  /** Torque shows ended jobs for a while without being asked. */
  private isShown({ phase }: PbsJob, withEnded: boolean): boolean {
    return phase !== 'ended' || withEnded || this.setup.flavour === 'torque';
  }

  private jobOf(id: string): PbsJob | undefined {
    return this.cluster.jobs.get(full(id));
  }
}

/** `qstat -Q -f`. */
function queueText(queue: string): string {
  return `Queue: ${queue}\n    queue_type = Execution\n    enabled = True\n    started = True\n\n`;
}

const full = (id: string): string => (id.includes('.') ? id : `${id}.fake`);

function resourcesOf(directives: readonly (readonly string[])[]): Record<string, string> {
  const lists = directives
    .filter(([option]) => option === '-l')
    .flatMap(([, list = '']) => list.split(/,(?=\w+=)/));
  return Object.fromEntries(lists.map((each) => [each.split('=')[0]!, each.slice(each.indexOf('=') + 1)]));
}

function variablesOf(list: string, { directory, environment }: Call): Record<string, string> {
  const given = list === '' ? [] : list.split(',').map((each) => each.split('=') as [string, string]);
  return {
    PBS_O_HOME: environment.HOME ?? '/',
    PBS_O_LANG: environment.LANG ?? 'C',
    PBS_O_PATH: environment.PATH ?? '',
    PBS_O_WORKDIR: directory,
    ...Object.fromEntries(given),
  };
}

function secondsOf(clock = ''): number {
  return clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

const STATES = { held: 'H', waiting: 'Q', running: 'R', ending: 'E' } as const;

const COMMENTS = {
  held: 'Job held by user',
  waiting: 'Not Running: Insufficient amount of resource: ncpus',
} as const;

type Attributes = Readonly<Record<string, string | number | Readonly<Record<string, string>>>>;

function attributesOf(job: PbsJob, flavour: PbsSetup['flavour']): Attributes {
  const { order, details, phase } = job;
  const time = (at: number | undefined) =>
    at === undefined ? undefined : new Date(at).toString().slice(0, 24);
  const isOpen = flavour === 'openpbs';
  const comment = phase === 'held' || phase === 'waiting' ? COMMENTS[phase] : undefined;
  const attributes = {
    Job_Name: order.name,
    Job_Owner: `${username}@fake`,
    resources_used:
      job.startedAt === undefined ? undefined : { cput: '00:00:00', mem: '0kb', walltime: usedBy(job) },
    job_state: phase === 'ended' ? (isOpen ? 'F' : 'C') : STATES[phase],
    queue: details.queue,
    server: 'fake',
    ctime: ctime(time(job.submittedAt)),
    Resource_List: Object.keys(details.resources).length === 0 ? undefined : details.resources,
    [isOpen ? 'stime' : 'start_time']: ctime(time(job.startedAt)),
    ...endOf(job, isOpen, ctime(time(job.endedAt))),
    comment: isOpen ? comment : undefined,
    Variable_List: details.variables,
  };
  return Object.fromEntries(
    Object.entries(attributes).filter(([, value]) => value !== undefined),
  ) as Attributes;
}

/** `Sun Nov 22 2026 08:00:00` as ctime(3) has it. */
function ctime(text: string | undefined): string | undefined {
  return text?.replace(/^(\w+ \w+ \d+) (\d+) (.*)$/, '$1 $3 $2');
}

/** A job that was ended at its walltime has used it all. */
function usedBy({ startedAt, endedAt, end, details }: PbsJob): string {
  const { walltime } = details.resources;
  if (end?.cause === 'walltime' && walltime !== undefined) return walltime;
  const seconds = Math.floor(((endedAt ?? Date.now()) - startedAt!) / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** A signal counts as 256 and its number; below zero are ends of PBS's own. */
function endOf({ end }: PbsJob, isOpen: boolean, time: string | undefined): Record<string, string | number> {
  if (end === undefined) return {};
  const { cause, status } = end;
  const isDeleted = cause === 'cancel';
  const text = status === undefined ? undefined : exitStatus(cause, status, isOpen);
  if (!isOpen) {
    return { exit_status: text ?? 271, ...(time === undefined ? {} : { comp_time: time }) };
  }
  return {
    ...(text === undefined ? {} : { Exit_status: text }),
    substate: isDeleted ? 91 : text === 0 ? 92 : 93,
    ...(time === undefined ? {} : { obittime: time }),
  };
}

function exitStatus(
  cause: NonNullable<PbsJob['end']>['cause'],
  status: { readonly code: number } | { readonly signal: number },
  isOpen: boolean,
): number {
  if (cause === 'walltime') return isOpen ? -29 : -11;
  if (cause === 'node') return -4;
  if (cause === 'cancel') return 271;
  return 'code' in status ? status.code : 256 + status.signal;
}

/** `qstat -f`: lines longer than 80 go on behind a tab. */
function asText(id: string, attributes: Attributes): string {
  const lines = Object.entries(attributes).flatMap(([name, value]) => {
    if (typeof value !== 'object') return `    ${name} = ${value}`;
    const parts = Object.entries(value);
    if (name === 'Variable_List') return `    ${name} = ${parts.map((part) => part.join('=')).join(',')}`;
    return parts.map(([part, text]) => `    ${name}.${part} = ${text}`);
  });
  return [
    `Job Id: ${id}`,
    ...lines.map((line) => line.replace(/(?<=^.{78}|\n\t.{70})(?=.)/g, '\n\t')),
    '\n',
  ].join('\n');
}

function asJson(jobs: readonly (readonly [string, Attributes])[]): string {
  const head = { timestamp: Math.floor(Date.now() / 1000), pbs_version: '22.05.11', pbs_server: 'fake' };
  const body = jobs.length === 0 ? {} : { Jobs: Object.fromEntries(jobs) };
  return `${JSON.stringify({ ...head, ...body }, null, 4).replaceAll('": ', '":')}\n`;
}
