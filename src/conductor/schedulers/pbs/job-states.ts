import type { Exit } from '../../../shared/state/transition.ts';
import type { JobReport } from '../scheduler.ts';
import type { JobAttributes } from './job-attributes.ts';

/** Whose conventions the exit statuses follow. */
export type Flavour = 'openpbs' | 'torque';

type Ended = Extract<JobReport, { kind: 'ended' }>;
type Waiting = Extract<JobReport, { kind: 'waiting' }>['state'];
type Running = Extract<JobReport, { kind: 'running' }>['state'];

const WAITING: ReadonlyMap<string, Waiting> = new Map([
  ['Q', 'QUEUED'],
  ['T', 'QUEUED'],
  ['H', 'WAITING'],
  ['W', 'WAITING'],
  ['S', 'WAITING'],
  // Suspended because its host's own user is at work.
  ['U', 'WAITING'],
  // Handed over to another server.
  ['M', 'WAITING'],
]);

const RUNNING: ReadonlyMap<string, Running> = new Map([
  ['R', 'RUNNING'],
  ['B', 'RUNNING'],
  ['E', 'FINISHING'],
]);

const ENDED = new Set(['F', 'C', 'X']);

/** What qstat tells of a job. One in a state that is not known here is not over. */
export function reportOf(job: JobAttributes, flavour: Flavour): JobReport {
  const { values } = job;
  const state = values.get('job_state') ?? '';
  const comment = values.get('comment') ?? '';
  const waiting = WAITING.get(state);
  const words = comment === '' ? state : `${state} (${comment})`;
  if (waiting !== undefined) return { kind: 'waiting', state: waiting, words };
  const startedAt = timeOf(values.get('stime') ?? values.get('start_time'));
  const started = startedAt === undefined ? {} : { startedAt };
  const running = RUNNING.get(state);
  if (running !== undefined) return { kind: 'running', state: running, ...started, words };
  if (!ENDED.has(state)) return { kind: 'waiting', state: 'WAITING', words };
  const endedAt = timeOf(values.get('obittime') ?? values.get('comp_time'));
  return { ...endOf(values, flavour), ...started, ...(endedAt === undefined ? {} : { endedAt }) };
}

/** Times are told as ctime(3) writes them, in local time; Torque also tells seconds since 1970. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = /^\d+$/.test(text) ? Number(text) * 1000 : new Date(text).getTime();
  return Number.isNaN(time) || time <= 0 ? undefined : time;
}

/** Statuses below zero are not the job's: PBS could not start it, or has ended it. */
const OWN_ENDS: Readonly<Record<Flavour, ReadonlyMap<number, Ended['outcome']>>> = {
  openpbs: new Map<number, Ended['outcome']>([
    [-3, 'HWFAILURE'], // could not be started, and may be tried again
    [-4, 'HWFAILURE'], // its node's daemon was restarted
    [-5, 'HWFAILURE'],
    [-6, 'HWFAILURE'],
    [-7, 'HWFAILURE'],
    [-11, 'HWFAILURE'], // to be run again
    [-14, 'HWFAILURE'], // a node of it failed
    [-27, 'TIMEDOUT'], // cput
    [-29, 'TIMEDOUT'], // walltime
  ]),
  torque: new Map<number, Ended['outcome']>([
    [-3, 'HWFAILURE'],
    [-4, 'HWFAILURE'],
    [-5, 'HWFAILURE'],
    [-6, 'HWFAILURE'],
    [-11, 'TIMEDOUT'], // walltime
    [-12, 'TIMEDOUT'], // cput
  ]),
};

/** From here on a status is a signal: 271 is 256 and SIGTERM. */
const SIGNALLED = 256;
const SIGTERM = 15;

/** OpenPBS's substate of a job that was deleted, before or while it ran. */
const DELETED = '91';

type End = Pick<Ended, 'kind' | 'outcome' | 'exit' | 'words'>;

function endOf(values: JobAttributes['values'], flavour: Flavour): End {
  const text = values.get('Exit_status') ?? values.get('exit_status');
  const isDeleted = values.get('substate') === DELETED;
  if (text === undefined || !/^-?\d+$/.test(text)) {
    // Without a status it never ran: it was deleted, or the server gave it up.
    const outcome = flavour === 'torque' || isDeleted ? 'CANCELLED' : 'FAILED';
    return { kind: 'ended', outcome, words: wordsOf('ended without running', values) };
  }
  const status = Number(text);
  const exit = exitOf(status);
  return {
    kind: 'ended',
    outcome: outcomeOf(status, isDeleted, values, flavour),
    ...(exit === undefined ? {} : { exit }),
    words: wordsOf(`exit status ${status}`, values),
  };
}

function outcomeOf(
  status: number,
  isDeleted: boolean,
  values: JobAttributes['values'],
  flavour: Flavour,
): Ended['outcome'] {
  if (status === 0) return 'FINISHED';
  if (status < 0) return OWN_ENDS[flavour].get(status) ?? 'FAILED';
  if (isDeleted) return 'CANCELLED';
  if (hasUsedItsTime(values)) return 'TIMEDOUT';
  // Torque does not tell qdel from a signal of anybody else, and nobody else sends this one to a job's script.
  return flavour === 'torque' && status === SIGNALLED + SIGTERM ? 'CANCELLED' : 'FAILED';
}

function exitOf(status: number): Exit | undefined {
  if (status < 0) return undefined;
  return status >= SIGNALLED ? { signal: status - SIGNALLED } : { code: status };
}

/** PBS signals a job at its walltime, and the status may be anything that the step made of it. */
function hasUsedItsTime(values: JobAttributes['values']): boolean {
  if (/walltime .*exceeded/i.test(values.get('comment') ?? '')) return true;
  const used = secondsOf(values.get('resources_used.walltime'));
  const asked = secondsOf(values.get('Resource_List.walltime'));
  return used !== undefined && asked !== undefined && asked > 0 && used >= asked;
}

/** `HH:MM:SS`, or with fewer parts. */
function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d+(?::\d+){0,2}$/.test(text)) return undefined;
  return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

function wordsOf(what: string, values: JobAttributes['values']): string {
  const comment = values.get('comment');
  return comment === undefined ? what : `${what}: ${comment}`;
}
