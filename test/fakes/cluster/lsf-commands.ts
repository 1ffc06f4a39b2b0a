import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Cluster, FakeJob } from './cluster.ts';
import { directivesOf, headerOptions, optionsOf } from './directives.ts';
import { type Call, complains, prints, type Reply } from './server.ts';

/** What LSF keeps of a job besides its running. */
export interface LsfDetails {
  readonly queue: string;
  readonly description: string;
}

type LsfJob = FakeJob<LsfDetails>;

const FLAGS = new Set(['H', 'rn', 'r', 'a', 'l', 'noheader', 'B', 'N', 'V', 'w']);

const VERSION = 'IBM Spectrum LSF Standard 10.1.0.13, Apr 05 2022\n';

const QUEUES_HEADER =
  'QUEUE_NAME      PRIO STATUS          MAX JL/U JL/P JL/H NJOBS  PEND   RUN  SUSP  RSV PJOBS';

const { username } = userInfo();

/** Answers bsub, bjobs, bkill and bhist as the manuals of LSF 10.1 say. */
export class LsfCommands {
  private readonly cluster: Cluster<LsfDetails>;
  private readonly directory: string;
  private readonly queues: readonly string[];
  /** Jobs that bjobs has forgotten are in the event files for ever. */
  private readonly history = new Map<string, LsfJob>();
  private lastId = 100;

  constructor(cluster: Cluster<LsfDetails>, directory: string, queues: readonly string[]) {
    this.cluster = cluster;
    this.directory = directory;
    this.queues = queues;
  }

  readonly answer = (call: Call): Reply => {
    const { options, operands } = optionsOf(call.args, FLAGS);
    if (options.has('V')) return complains(VERSION, 0);
    switch (call.program) {
      case 'bqueues':
        return prints([QUEUES_HEADER, ...this.queues.map(queueLine)].join('\n'));
      case 'bsub':
        return this.bsub(options, call);
      case 'bjobs':
        return this.bjobs(options, operands);
      case 'bkill':
        return this.bkill(operands);
      case 'bhist':
        return this.bhist(options, operands);
      default:
        return complains(`${call.program}: command not found\n`, 127);
    }
  };

  private bsub(given: ReadonlyMap<string, string>, call: Call): Reply {
    const header = headerOptions(directivesOf(call.input, '#BSUB'), FLAGS);
    // What is given on the command line stands before what the script says.
    const options = new Map([...header, ...given]);
    const queue = options.get('q') ?? 'normal';
    if (!this.queues.includes(queue)) return complains(`${queue}: No such queue. Job not submitted.\n`, 255);
    const id = String(++this.lastId);
    const file = join(this.directory, `${id}.sh`);
    writeFileSync(file, `${call.input}\n`, { mode: 0o700 });
    const output = (option: string) => options.get(option)?.replaceAll('%J', id) ?? '/dev/null';
    const walltimeMs = millisecondsOf(options.get('W') ?? '');
    const job = this.cluster.submit(
      id,
      {
        name: options.get('J') ?? 'NONAME',
        command: [file],
        directory: options.get('cwd') ?? call.directory,
        environment: { ...call.environment, LSB_JOBID: id, LSB_JOBINDEX: '0' },
        stdout: output('o'),
        stderr: output('e'),
        slots: 1,
        ...(walltimeMs === 0 ? {} : { walltimeMs }),
        isHeld: options.has('H'),
      },
      { queue, description: options.get('Jd') ?? '' },
    );
    this.history.set(id, job);
    return prints(`Job <${id}> is submitted to queue <${queue}>.\n`);
  }

  private bjobs(options: ReadonlyMap<string, string>, ids: readonly string[]): Reply {
    const format = parseFormat(options.get('o') ?? 'jobid stat');
    const found = ids.length === 0 ? [...this.cluster.jobs.values()] : this.jobsOf(ids);
    const shown = options.has('a') || ids.length > 0 ? found : found.filter(({ phase }) => phase !== 'ended');
    const lines = shown.map(
      (job) => `${format.fields.map((field) => fieldOf(job, field)).join(format.delimiter)}\n`,
    );
    const unknown = ids.filter((id) => !this.cluster.jobs.has(id)).map((id) => `Job <${id}> is not found\n`);
    if (ids.length === 0 && lines.length === 0) return complains('No job found\n', 255);
    return complains(unknown.join(''), lines.length === 0 ? 255 : 0, lines.join(''));
  }

  private bkill(ids: readonly string[]): Reply {
    const said = ids.map((id): [isDone: boolean, words: string] => {
      const job = this.cluster.jobs.get(id);
      if (job === undefined) return [false, `Job <${id}>: No matching job found\n`];
      const isDone = this.cluster.cancel(job);
      return [isDone, `Job <${id}>${isDone ? ' is being terminated' : ': Job has already finished'}\n`];
    });
    const text = (done: boolean) =>
      said.flatMap(([isDone, words]) => (isDone === done ? words : [])).join('');
    return complains(text(false), said.every(([isDone]) => isDone) ? 0 : 255, text(true));
  }

  private bhist(options: ReadonlyMap<string, string>, ids: readonly string[]): Reply {
    const description = options.get('Jd');
    const found = [...this.history.values()].filter((job) =>
      description === undefined ? ids.includes(job.id) : job.details.description === description,
    );
    if (found.length === 0) return complains('No matching job found\n', 255);
    return prints(found.map(historyOf).join(`${'-'.repeat(78)}\n`));
  }

  private jobsOf(ids: readonly string[]): LsfJob[] {
    return ids.flatMap((id) => this.cluster.jobs.get(id) ?? []);
  }
}

function queueLine(queue: string): string {
  return `${queue.padEnd(15)}  30  Open:Active       -    -    -    -     0     0     0     0    0     0`;
}

/** `[hours:]minutes`; nothing is no limit. */
function millisecondsOf(walltime: string): number {
  return walltime.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) * 60_000;
}

function parseFormat(format: string): { readonly fields: readonly string[]; readonly delimiter: string } {
  const delimiter = /delimiter='(.)'/.exec(format)?.[1] ?? ' ';
  const names = format.replace(/delimiter='.'/, '').trim();
  return { fields: names.split(/\s+/).map((name) => name.split(':')[0]!), delimiter };
}

const REASONS = {
  cancel: 'TERM_OWNER: job killed by owner',
  walltime: 'TERM_RUNLIMIT: job killed after reaching LSF run time limit',
  node: 'TERM_REMOVE_HUNG_JOB: job removed from the LSF system',
  output: '-',
  itself: '-',
} as const;

/** LSF ends a job first by SIGINT, and one that has used up its time by SIGUSR2. */
const CODES: Readonly<Record<string, string>> = { cancel: '130', walltime: '140', node: '-' };

function stateOf({ phase, end }: LsfJob): string {
  if (phase === 'held') return 'PSUSP';
  if (phase === 'waiting') return 'PEND';
  if (end === undefined) return 'RUN';
  return codeOf(end) === '0' ? 'DONE' : 'EXIT';
}

/** The exit code; a signal counts as 128 and its number. Of a job that never ran nothing is told. */
function codeOf({ cause, status }: NonNullable<LsfJob['end']>): string {
  if (status === undefined) return '-';
  if (cause in CODES) return CODES[cause]!;
  return String('code' in status ? status.code : 128 + status.signal);
}

function fieldOf(job: LsfJob, field: string): string {
  const { end } = job;
  switch (field) {
    case 'jobid':
      return job.id;
    case 'stat':
      return stateOf(job);
    case 'exit_code':
      return end === undefined || codeOf(end) === '0' ? '-' : codeOf(end);
    case 'exit_reason':
      return end === undefined ? '-' : REASONS[end.cause];
    case 'job_name':
      return job.order.name;
    case 'job_description':
      return job.details.description;
    case 'queue':
      return job.details.queue;
    default:
      return '-';
  }
}

/** A job's life as `bhist -l` tells it, cut at column 80 wherever that is. */
function historyOf(job: LsfJob): string {
  const { id, order, details, end } = job;
  const at = (time: number, words: string) => wrapped(`${new Date(time).toString().slice(0, 24)}: ${words};`);
  const lines = [
    wrapped(
      `Job <${id}>, Job Name <${order.name}>, Job Description <${details.description}>, User <${username}>, ` +
        'Project <default>, Command <#!/bin/sh;...>',
    ),
    at(job.submittedAt, `Submitted from host <fake>, to Queue <${details.queue}>, CWD <${order.directory}>`),
  ];
  if (job.startedAt !== undefined) {
    lines.push(
      at(job.startedAt, 'Dispatched 1 Task(s) on Host(s) <fake>, Allocated 1 Slot(s) on Host(s) <fake>'),
    );
    lines.push(at(job.startedAt, 'Starting (Pid 4711)'));
  }
  if (end !== undefined) lines.push(at(job.endedAt!, lastWords(end)));
  return `\n${lines.join('\n')}\n\nSummary of time in seconds spent in various states by  today\n`;
}

function lastWords(end: NonNullable<LsfJob['end']>): string {
  const code = codeOf(end);
  if (code === '0') return 'Done successfully. The CPU time used is 0.0 seconds';
  const how = code === '-' ? 'Exited' : `Exited with exit code ${code}. The CPU time used is 0.1 seconds`;
  const reason = REASONS[end.cause];
  return reason === '-' ? how : `${how}; ${reason}`;
}

const WIDTH = 80;
const INDENT = 21;

function wrapped(text: string): string {
  const lines = [text.slice(0, WIDTH)];
  for (let at = WIDTH; at < text.length; at += WIDTH - INDENT) {
    lines.push(' '.repeat(INDENT) + text.slice(at, at + WIDTH - INDENT));
  }
  return lines.join('\n');
}
