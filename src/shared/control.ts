import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { replaceFile } from './atomic-file.ts';

/** Asks the conductor to cancel its study; its presence is the request. */
export const CANCEL_LOCK = '.cancel.lock';
/** Asks the conductor to change limits: YAML with rlimit, sleep and throttle, null for what stays. */
export const UPDATE_LOCK = '.study.update.lock';

/** Limits to change; an absent one stays as it is. Sleep is in seconds. */
export interface LimitsUpdate {
  readonly throttle?: number;
  readonly rlimit?: number;
  readonly sleep?: number;
}

const UPDATE_KEYS = ['rlimit', 'sleep', 'throttle'] as const;

/** Leaves a request to cancel in the study directory. */
export function requestCancel(studyDirectory: string): void {
  replaceFile(join(studyDirectory, CANCEL_LOCK), '');
}

/** Leaves a request to change limits in the study directory. */
export function requestUpdate(studyDirectory: string, update: LimitsUpdate): void {
  const { rlimit = null, sleep = null, throttle = null } = update;
  replaceFile(join(studyDirectory, UPDATE_LOCK), stringify({ rlimit, sleep, throttle }));
}

/** A request found in a study directory, or what is wrong with one. */
export type ControlRequest =
  | { readonly kind: 'cancel' }
  | { readonly kind: 'update'; readonly update: LimitsUpdate }
  | { readonly kind: 'garbage'; readonly file: string; readonly problem: string };

/** Takes the requests that wait in a study directory; each is removed as it is read, garbage too. */
export function takeRequests(studyDirectory: string): ControlRequest[] {
  const requests: ControlRequest[] = [];
  if (take(join(studyDirectory, CANCEL_LOCK)) !== undefined) requests.push({ kind: 'cancel' });
  const text = take(join(studyDirectory, UPDATE_LOCK));
  if (text !== undefined) requests.push(parseUpdate(text));
  return requests;
}

/** Reads an update lock's text. Whole numbers from 0 count; null and absent keys change nothing. */
export function parseUpdate(text: string): ControlRequest {
  const garbage = (problem: string): ControlRequest => ({ kind: 'garbage', file: UPDATE_LOCK, problem });
  let value: unknown;
  try {
    value = parse(text, { logLevel: 'error' });
  } catch (error) {
    return garbage(`it is not YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return garbage('it is no mapping of rlimit, sleep and throttle');
  }
  const update: { -readonly [Key in keyof LimitsUpdate]: LimitsUpdate[Key] } = {};
  for (const key of UPDATE_KEYS) {
    const limit = (value as Record<string, unknown>)[key];
    if (limit === null || limit === undefined) continue;
    if (typeof limit !== 'number' || !Number.isSafeInteger(limit) || limit < 0) {
      return garbage(`${key} is ${JSON.stringify(limit)}, not a whole number from 0`);
    }
    update[key] = limit;
  }
  return { kind: 'update', update };
}

function take(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    rmSync(file, { force: true });
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
