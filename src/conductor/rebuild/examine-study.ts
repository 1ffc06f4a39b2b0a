import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readRequests } from '../../shared/control.ts';
import { UserError } from '../../shared/errors.ts';
import { systemProcesses } from '../../shared/process-identity.ts';
import { checkPlan, checkStore } from '../../shared/state/check-store.ts';
import { differenceOf } from '../../shared/state/copy/compare.ts';
import { readCopy } from '../../shared/state/copy/copy-file.ts';
import type { DecodedCopy } from '../../shared/state/copy/decode.ts';
import { judgeLease, type Lease, type LeaseState, readLease } from '../../shared/state/lease.ts';
import { readNewestEvent, readSummary, type StudySummary } from '../../shared/state/queries.ts';
import {
  isDamage,
  openStore,
  STATE_DIRECTORY,
  type Store,
  StoreDamaged,
  storeFile,
} from '../../shared/state/store.ts';
import { readStudy } from '../../shared/state/study-record.ts';
import { lookForRemains, type Recoverable } from './rebuild-store.ts';

/** How the store of a study is. */
export type StoreHealth =
  | { readonly kind: 'intact'; readonly summary: StudySummary; readonly events: number }
  | { readonly kind: 'damaged' | 'missing' | 'unusable'; readonly problem: string };

/** How the copy of a store is; `behind`: the next conductor brings it up to date. */
export type CopyHealth =
  | { readonly kind: 'whole' | 'behind'; readonly events: number }
  | { readonly kind: 'missing' }
  | { readonly kind: 'damaged'; readonly problems: readonly string[] };

/** All that a study directory tells of itself. */
export interface StudyExamination {
  /** Absolute. */
  readonly directory: string;
  readonly store: StoreHealth;
  readonly copy: CopyHealth;
  readonly lease: Lease | undefined;
  readonly leaseState: LeaseState;
  /** Pids of runners on this host that still wait for steps of this study. */
  readonly runners: readonly number[];
  /** Files that an earlier damage or a crash has left, and requests that wait; relative to the directory. */
  readonly leftovers: readonly string[];
  readonly requests: readonly string[];
  /** What a new store would hold, where this one cannot be used; or why there can be none. */
  readonly recoverable: Recoverable | UserError | undefined;
}

/** Whether a directory is a study's, even where its store is gone. */
function looksLikeStudy(directory: string): boolean {
  return existsSync(join(directory, STATE_DIRECTORY));
}

/** Looks a study directory over and changes nothing in it. Throws a UserError where it is none. */
export function examineStudy(argument: string): StudyExamination {
  const directory = resolve(argument);
  if (!looksLikeStudy(directory)) {
    throw new UserError(`${argument} is not a study directory`, 'name a directory that maestro run has made');
  }
  // The copy first: a conductor that is at work may add to both in between, and never to the copy before the store.
  const copy = readCopy(directory);
  const { store, lease } = examineStore(directory, copy);
  const isLost = store.kind === 'damaged' || store.kind === 'missing';
  const recoverable = isLost ? remainsOf(directory) : undefined;
  const holder = lease ?? (recoverable instanceof UserError ? undefined : recoverable?.holder);
  return {
    directory,
    store,
    copy: copyHealth(copy, store),
    lease: holder,
    leaseState: judgeLease(holder, Date.now()),
    runners: runnersOf(directory),
    leftovers: leftoversOf(directory),
    requests: isLost ? [] : readRequests(directory).map(({ request }) => request.kind),
    recoverable,
  };
}

function examineStore(
  directory: string,
  copy: DecodedCopy | undefined,
): { readonly store: StoreHealth; readonly lease?: Lease | undefined } {
  if (!existsSync(storeFile(directory))) {
    return { store: { kind: 'missing', problem: `${storeFile(directory)} is gone` } };
  }
  try {
    const store = openStore(directory);
    try {
      return { store: checked(store, directory, copy), lease: readLease(store) };
    } finally {
      store.close();
    }
  } catch (error) {
    return { store: storeProblem(error, directory, copy !== undefined) };
  }
}

function checked(store: Store, directory: string, copy: DecodedCopy | undefined): StoreHealth {
  checkStore(store, directory);
  checkPlan(readStudy(store), directory);
  const events = readNewestEvent(store);
  const difference =
    copy?.until === events && copy.problems.length === 0 ? differenceOf(store, copy) : undefined;
  if (difference !== undefined) throw new StoreDamaged(difference);
  return { kind: 'intact', summary: readSummary(store), events };
}

/** Troubles of the disk or of locks, and a store of a newer version: a rebuilt store would not be better off. */
const NO_DAMAGE = /SQLITE_(?:BUSY|FULL|IOERR|PROTOCOL)|by a newer maestro/;

/** Where there is a copy of this study's store, whatever stands in the store's place is that store, damaged. */
function storeProblem(error: unknown, directory: string, hasCopy: boolean): StoreHealth {
  const { code = '', message, cause } = error as Error & { readonly code?: string };
  const isOfTheStore = error instanceof UserError || isDamage(error) || code.startsWith('SQLITE_');
  if (!isOfTheStore) throw error;
  const isLost =
    isDamage(error) || isDamage(cause ?? {}) || (hasCopy && !NO_DAMAGE.test(`${code} ${message}`));
  if (isLost) return { kind: 'damaged', problem: isDamage(cause ?? {}) ? (cause as Error).message : message };
  const problem = error instanceof UserError ? error.line : `${storeFile(directory)}: ${message}`;
  return { kind: 'unusable', problem };
}

function copyHealth(copy: DecodedCopy | undefined, store: StoreHealth): CopyHealth {
  if (copy === undefined) return { kind: 'missing' };
  if (copy.problems.length > 0) return { kind: 'damaged', problems: copy.problems };
  const isBehind = store.kind === 'intact' && copy.until < store.events;
  return { kind: isBehind ? 'behind' : 'whole', events: copy.until };
}

function remainsOf(directory: string): Recoverable | UserError {
  try {
    return lookForRemains(directory);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

function runnersOf(directory: string): number[] {
  const records = `${join(directory, STATE_DIRECTORY, 'runner')}/`;
  return systemProcesses.findCommands(records).map(({ identity }) => identity.pid);
}

function leftoversOf(directory: string): string[] {
  return readdirSync(join(directory, STATE_DIRECTORY))
    .filter((name) => /\.(?:new|restored|lock)$|\.damaged-\d+$/.test(name))
    .sort()
    .map((name) => join(STATE_DIRECTORY, name));
}
