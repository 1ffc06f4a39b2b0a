import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { replaceFile } from './atomic-file.ts';
import { type Files, systemFiles } from './files.ts';
import { readLeftFile } from './left-file.ts';
import { STATE_DIRECTORY } from './state/store.ts';

/** What a user asks of a study beyond cancelling it as a whole and changing its limits. Steps by their rows. */
export type RepairRequest =
  | {
      readonly kind: 'retry';
      readonly steps: readonly number[];
      /** Whether what depends on them runs again too. */
      readonly descendants: boolean;
      /** Move their workspaces aside first. */
      readonly clean: boolean;
    }
  | { readonly kind: 'cancel-steps'; readonly steps: readonly number[] }
  /** Submit nothing more; what runs goes on. */
  | { readonly kind: 'pause' }
  | { readonly kind: 'unpause' };

/** Where requests wait: one file each, named so that they are taken in the order in which they were left. */
export function requestDirectory(studyDirectory: string): string {
  return join(studyDirectory, STATE_DIRECTORY, 'requests');
}

/** Leaves a request for the conductor of a study, now or the next one; answers the file that is it. */
export function leaveRepair(studyDirectory: string, request: RepairRequest): string {
  const directory = requestDirectory(studyDirectory);
  systemFiles.makeDirectory(directory);
  const name = `${String(Date.now()).padStart(15, '0')}-${randomBytes(4).toString('hex')}.json`;
  const file = join(directory, name);
  replaceFile(file, JSON.stringify(request), { durable: true });
  return file;
}

/** Whether a request waits. */
export function hasRepairs(studyDirectory: string, files: Files = systemFiles): boolean {
  const directory = requestDirectory(studyDirectory);
  return files.exists(directory) && files.list(directory).some((name) => name.endsWith('.json'));
}

/** A request that waits, with its file; `request` is undefined for what is none. */
export interface WaitingRepair {
  readonly name: string;
  readonly file: string;
  /** Undefined where it cannot be read. */
  readonly text: string | undefined;
  /** By the clock of the disk, in Unix milliseconds; 0 where it cannot be read. */
  readonly leftAt: number;
  readonly request: RepairRequest | undefined;
}

/** The requests that wait, oldest first. */
export function readRepairs(studyDirectory: string, files: Files = systemFiles): WaitingRepair[] {
  const directory = requestDirectory(studyDirectory);
  if (!files.exists(directory)) return [];
  return files
    .list(directory)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name): WaitingRepair[] => {
      const file = join(directory, name);
      const left = readLeftFile(file, files);
      if (left === undefined) return [];
      if (left.kind === 'unreadable') return [{ name, file, text: undefined, leftAt: 0, request: undefined }];
      const { text, leftAt } = left;
      return [{ name, file, text, leftAt, request: parseRepair(text) }];
    });
}

/** Reads a request's text; undefined for what is none. */
export function parseRepair(text: string): RepairRequest | undefined {
  let value: Partial<Record<string, unknown>>;
  try {
    value = Object(JSON.parse(text)) as Partial<Record<string, unknown>>;
  } catch {
    return undefined;
  }
  const { kind, steps, descendants, clean } = value;
  if (kind === 'pause' || kind === 'unpause') return { kind };
  if (!Array.isArray(steps) || !steps.every((step) => Number.isSafeInteger(step) && step >= 0))
    return undefined;
  if (kind === 'cancel-steps') return { kind, steps };
  if (kind !== 'retry') return undefined;
  return { kind, steps, descendants: descendants === true, clean: clean === true };
}
