import { decimalOf, f58 } from './flux-ids.ts';
import { pythonFormat, pythonJson } from './python-text.ts';

/** What an instance knows of a job, in the order in which `flux jobs --json` tells it. */
export interface FluxFacts {
  readonly t_depend: number;
  readonly t_run?: number;
  readonly t_cleanup?: number;
  readonly t_inactive?: number;
  readonly duration: number;
  readonly expiration?: number;
  readonly name: string;
  readonly cwd: string;
  readonly queue?: string;
  readonly ntasks: number;
  readonly ncores: number;
  readonly nnodes?: number;
  readonly priority?: number;
  readonly ranks?: string;
  readonly nodelist?: string;
  readonly success?: boolean;
  readonly result?: 'COMPLETED' | 'FAILED' | 'CANCELED' | 'TIMEOUT';
  readonly waitstatus?: number;
  /** Decimal. */
  readonly id: string;
  readonly t_submit: number;
  readonly t_remaining?: number;
  readonly state: 'DEPEND' | 'SCHED' | 'RUN' | 'CLEANUP' | 'INACTIVE';
  readonly username: string;
  readonly userid: number;
  readonly urgency: number;
  readonly runtime?: number;
  readonly status: string;
  readonly returncode?: number;
  readonly dependencies: readonly string[];
  readonly annotations: object;
  readonly exception: FluxException;
}

export type FluxException =
  | { readonly occurred: false }
  | { readonly occurred: true; readonly severity: number; readonly type: string; readonly note: string };

const FLOATS = new Set(
  ['t_depend', 't_run', 't_cleanup', 't_inactive', 'duration', 'expiration', 't_submit'].concat([
    't_remaining',
    'runtime',
  ]),
);

/** A job as JSON. */
export function factsJson(facts: FluxFacts): string {
  return pythonJson({ ...facts, id: BigInt(facts.id) }, FLOATS);
}

const ABBREVIATIONS: Readonly<Record<string, string>> = {
  DEPEND: 'D',
  SCHED: 'S',
  RUN: 'R',
  CLEANUP: 'C',
  COMPLETED: 'CD',
  FAILED: 'F',
  CANCELED: 'CA',
  TIMEOUT: 'TO',
};

/** Times that are 0.0 where there is none. */
const ZERO_IF_NONE = new Set(['runtime', 't_run', 't_cleanup', 't_inactive', 'expiration']);

/** A format of `flux jobs -o` with its fields filled in. */
export function formatted(format: string, facts: FluxFacts): string {
  return format.replace(/\{([\w.]+)\}/g, (_, field: string) => fieldOf(facts, field));
}

function fieldOf(facts: FluxFacts, field: string): string {
  switch (field) {
    case 'id':
    case 'id.f58':
      return f58(facts.id, 'ƒ');
    case 'id.f58plain':
      return f58(facts.id, 'f');
    case 'id.dec':
      return facts.id;
    case 'status_abbrev':
      return ABBREVIATIONS[facts.status] ?? '';
    case 'contextual_info':
      return contextOf(facts);
    case 'inactive_reason':
      return reasonOf(facts);
  }
  const [name = '', part] = field.split('.');
  const value = facts[name as keyof FluxFacts] as unknown;
  if (part !== undefined) return exceptionField(facts, part);
  return pythonFormat(value ?? (ZERO_IF_NONE.has(name) ? 0 : undefined), FLOATS.has(name));
}

/** Of a job that is not over nothing is told of exceptions. */
function exceptionField({ exception, state }: FluxFacts, part: string): string {
  if (state !== 'INACTIVE') return '';
  return pythonFormat((exception as unknown as Record<string, unknown>)[part], false);
}

function contextOf({ state, urgency, dependencies, nodelist }: FluxFacts): string {
  if (state === 'DEPEND') return `depends:${dependencies.join(',')}`;
  if (state === 'SCHED') return urgency === 0 ? 'held' : '';
  return nodelist ?? '';
}

const SHELL_CODES: Readonly<Record<number, string>> = {
  126: 'Command invoked cannot execute',
  127: 'command not found',
  137: 'Killed',
  139: 'Segmentation fault',
  142: 'Alarm clock',
  143: 'Terminated',
};

function reasonOf({ result, exception, returncode, waitstatus }: FluxFacts): string {
  if (result === undefined) return '';
  if (result === 'TIMEOUT') return 'Timeout';
  const note = exception.occurred ? exception.note : '';
  if (result === 'CANCELED') return note === '' ? 'Canceled' : `Canceled: ${note}`;
  if (waitstatus === undefined && exception.occurred) {
    return `Exception: type=${exception.type} note=${exception.note}`;
  }
  return SHELL_CODES[returncode ?? 0] ?? `Exit ${returncode}`;
}

/** Reads jobs as `flux jobs --json` has told them, with ids that may be larger than numbers go. */
export function readFacts(json: string): FluxFacts[] {
  const { jobs } = JSON.parse(json.replace(/"id": (\d+)/g, '"id": "$1"')) as { jobs: FluxFacts[] };
  return jobs;
}

/** The id that a word on a command line means; `malformed` if it is none. */
export function idOf(word: string): string | 'malformed' {
  return decimalOf(word) ?? 'malformed';
}
