import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { replaceFile } from './atomic-file.ts';
import { type Files, systemFiles } from './files.ts';
import { readLeftFile } from './left-file.ts';
import { type RepairRequest, readRepairs } from './repair-request.ts';

/** Asks the conductor to cancel its study; its presence is the request. */
export const CANCEL_LOCK = '.cancel.lock';
/** Asks the conductor to change limits: YAML with rlimit, sleep, throttle, attempts, cores and gpus, null for what stays. */
export const UPDATE_LOCK = '.study.update.lock';

/** Limits to change; an absent one stays as it is. Sleep is in seconds. */
export interface LimitsUpdate {
  readonly throttle?: number;
  readonly rlimit?: number;
  readonly sleep?: number;
  /** At least 1. */
  readonly attempts?: number;
  /** Local studies only. 0: what runs goes on, nothing more is started. */
  readonly cores?: number;
  readonly gpus?: number;
}

/** The keys of an update lock, each with the least value that it takes. */
export const UPDATE_KEYS = { rlimit: 0, sleep: 0, throttle: 0, attempts: 1, cores: 0, gpus: 0 } as const;

/** Leaves a request to cancel in the study directory. */
export function requestCancel(studyDirectory: string): void {
  replaceFile(join(studyDirectory, CANCEL_LOCK), '');
}

/**
 * Leaves a request to change limits in the study directory. Its first three keys are those that users' scripts
 * write and read; the others stand there only where they are to change.
 */
export function requestUpdate(studyDirectory: string, update: LimitsUpdate): void {
  const { rlimit = null, sleep = null, throttle = null, ...others } = update;
  replaceFile(join(studyDirectory, UPDATE_LOCK), stringify({ rlimit, sleep, throttle, ...others }));
}

/** A request found in a study directory, or what is wrong with one. */
export type ControlRequest =
  | { readonly kind: 'cancel' }
  | { readonly kind: 'update'; readonly update: LimitsUpdate }
  | RepairRequest
  | { readonly kind: 'garbage'; readonly file: string; readonly problem: string };

/** How old an empty update lock must be, in milliseconds, to be no longer one that somebody is about to write. */
const WRITING_MS = 10_000;

/** A request that waits, and the file that it is. */
export interface WaitingRequest {
  readonly request: ControlRequest;
  readonly file: string;
  /** What stands in it; undefined where it cannot be read. */
  readonly text: string | undefined;
  /** When it was left, by the clock of the disk, in Unix milliseconds; 0 where it cannot be read. */
  readonly leftAt: number;
}

/**
 * The requests that wait in a study directory, in the order in which they were left. Who answers them
 * removes them, once their answers are on record: a request must not die with who has read it. An update lock
 * that is still empty has been opened and not yet written: it does not count for a while.
 */
export function readRequests(
  studyDirectory: string,
  now = Date.now(),
  files: Files = systemFiles,
): WaitingRequest[] {
  const waiting: WaitingRequest[] = [];
  const cancel = join(studyDirectory, CANCEL_LOCK);
  if (files.exists(cancel)) {
    const leftAt = files.modifiedAt(cancel);
    waiting.push({ request: { kind: 'cancel' }, file: cancel, text: undefined, leftAt });
  }
  const update = readUpdate(join(studyDirectory, UPDATE_LOCK), now, files);
  if (update !== undefined) waiting.push(update);
  for (const { name, request, ...left } of readRepairs(studyDirectory, files)) {
    const garbage = { kind: 'garbage', file: name, problem: 'it is no request' } as const;
    waiting.push({ request: request ?? garbage, ...left });
  }
  return waiting.sort((a, b) => a.leftAt - b.leftAt);
}

/** Removes a request that has been answered. What was written into its file since is another one, and stays. */
export function removeRequest({ file, text }: WaitingRequest, files: Files = systemFiles): void {
  if (text === undefined || !files.exists(file) || files.read(file) === text) files.remove(file);
}

/** Removes requests that nobody will answer any more; answers the names of the files. */
export function discardRequests(studyDirectory: string, files: Files = systemFiles): string[] {
  return [CANCEL_LOCK, UPDATE_LOCK].filter((name) => {
    const file = join(studyDirectory, name);
    const isThere = files.exists(file);
    if (isThere) files.remove(file);
    return isThere;
  });
}

function readUpdate(file: string, now: number, files: Files): WaitingRequest | undefined {
  const left = readLeftFile(file, files);
  if (left === undefined) return undefined;
  if (left.kind === 'unreadable') {
    const request = { kind: 'garbage', file: UPDATE_LOCK, problem: left.problem } as const;
    return { request, file, text: undefined, leftAt: 0 };
  }
  const { text, leftAt } = left;
  // Either clock may have been set in between.
  if (text === '' && Math.abs(now - leftAt) < WRITING_MS) return undefined;
  return { request: parseUpdate(text), file, text, leftAt };
}

/** Reads an update lock's text. Whole numbers count; null and absent keys change nothing. */
export function parseUpdate(text: string): ControlRequest {
  const garbage = (problem: string): ControlRequest => ({ kind: 'garbage', file: UPDATE_LOCK, problem });
  let value: unknown;
  try {
    value = parse(text, { logLevel: 'error' });
  } catch (error) {
    return garbage(`it is not YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return garbage('it is no mapping of rlimit, sleep, throttle, attempts, cores and gpus');
  }
  const update: { -readonly [Key in keyof LimitsUpdate]: LimitsUpdate[Key] } = {};
  for (const [key, least] of Object.entries(UPDATE_KEYS) as [keyof LimitsUpdate, number][]) {
    const limit = (value as Record<string, unknown>)[key];
    if (limit === null || limit === undefined) continue;
    if (typeof limit !== 'number' || !Number.isSafeInteger(limit) || limit < least) {
      return garbage(`${key} is ${JSON.stringify(limit)}, not a whole number from ${least}`);
    }
    update[key] = limit;
  }
  return { kind: 'update', update };
}
