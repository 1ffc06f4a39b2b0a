import { copyFileSync, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import { systemFiles } from '../../shared/files.ts';
import { copyFile, readCopy } from '../../shared/state/copy/copy-file.ts';
import type { DecodedCopy } from '../../shared/state/copy/decode.ts';
import { writeCopy } from '../../shared/state/copy/store-copy.ts';
import type { Row, Tables } from '../../shared/state/copy/tables.ts';
import { fillTables } from '../../shared/state/fill-tables.ts';
import { describeHolder, judgeLease, type Lease } from '../../shared/state/lease.ts';
import { freeDamagedName, keepDamaged, replaceStore } from '../../shared/state/replace-store.ts';
import { salvage } from '../../shared/state/salvage.ts';
import { STATE_DIRECTORY, storeFile } from '../../shared/state/store.ts';
import { readStudy } from '../../shared/state/study-record.ts';
import type { Study } from '../../shared/study/study.ts';
import { findAttempts } from './evidence.ts';
import { planRebuild, type RebuildPlan } from './plan-rebuild.ts';

/** What of a study could be restored, and from what. */
export interface Recoverable {
  readonly plan: RebuildPlan;
  readonly copy: DecodedCopy | undefined;
  /** Who conducted the study last; undefined for nobody. */
  readonly holder: Lease | undefined;
}

/** A store that has been made anew. */
export interface Rebuilt extends Recoverable {
  /** Where the damaged one is kept; undefined where there was none. */
  readonly kept: string | undefined;
  /** Rows that the new store would not take. */
  readonly refused: number;
}

/**
 * Finds out what a new store of a study would hold, by its copy, the rows that can be read of the old one, and the
 * marks of its attempts. Writes nothing. Throws a UserError where the study's plan is lost.
 */
export function lookForRemains(directory: string): Recoverable {
  const copy = readCopy(directory);
  const usable = copy?.header === undefined && copy?.tables.step.size === 0 ? undefined : copy;
  const salvaged = salvage(storeFile(directory));
  const study = usable?.tables.study.get('1') ?? salvaged.study.get('1');
  const token = String(study?.token ?? '');
  const found = findAttempts(directory, token, systemFiles);
  const mayHaveBegun = beginnings(directory, study);
  const plan = planRebuild({ copy: usable, salvaged, found, mayHaveBegun }, Date.now(), hostname());
  if (plan === undefined) {
    const mend = 'its workspaces are untouched; run its specification again for what is missing';
    throw new UserError(`the plan of ${directory} is lost with its store and the store's copy`, mend);
  }
  return { plan, copy, holder: holderOf(usable?.tables, salvaged) };
}

/** Makes the store anew, and keeps the old one beside it. Throws a UserError where somebody conducts the study. */
export function rebuildStore(directory: string): Rebuilt {
  return alone(directory, () => {
    const { holder } = lookForRemains(directory);
    refuseIfConducted(directory, holder);
    const kept = keepDamaged(directory);
    const remains = lookForRemains(directory);
    let refused = 0;
    keepCopy(directory);
    replaceStore(directory, (store) => {
      refused = fillTables(store, remains.plan.tables);
      writeCopy(directory, store, readStudy(store));
    });
    return { ...remains, kept, refused };
  });
}

/** The copy that the store was restored from stays too: nothing is thrown away. */
function keepCopy(directory: string): void {
  const file = copyFile(directory);
  if (existsSync(file)) copyFileSync(file, freeDamagedName(file));
}

/** Two that rebuild at once would keep each other's half-made stores. */
function alone<Result>(directory: string, act: () => Result): Result {
  const lock = join(directory, STATE_DIRECTORY, 'rebuild.lock');
  try {
    writeFileSync(lock, `${process.pid} ${hostname()}\n`, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new UserError('the store is being rebuilt by somebody', `if that is not so, remove ${lock}`);
  }
  try {
    return act();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** A lease counts whose process lives, or whose host has written anything lately. */
function refuseIfConducted(directory: string, holder: Lease | undefined): void {
  if (holder === undefined) return;
  const heard = [storeFile(directory), `${storeFile(directory)}-wal`, copyFile(directory)];
  const heartbeat = Math.max(holder.heartbeat, ...heard.map(modifiedAt));
  if (judgeLease({ ...holder, heartbeat }, Date.now()) !== 'live') return;
  const { process: conductor, host } = holder;
  const mend = `end it first: kill ${conductor.pid} on ${host}, or wait two minutes where that host is down`;
  throw new UserError(`the study is conducted by ${describeHolder(holder)}`, mend);
}

function modifiedAt(file: string): number {
  return existsSync(file) ? statSync(file).mtimeMs : 0;
}

/** The newest of the leases that the copy and the store tell of. */
function holderOf(...sources: readonly (Tables | undefined)[]): Lease | undefined {
  const rows = sources.map((tables) => tables?.lease.get('1')).filter((row) => row !== undefined);
  const leases = rows.map(leaseOf);
  return leases.sort((a, b) => b.epoch - a.epoch)[0];
}

function leaseOf(row: Row): Lease {
  return {
    epoch: Number(row.epoch),
    host: String(row.host),
    user: String(row.user),
    process: { pid: Number(row.pid), startTicks: String(row.start_ticks), bootId: String(row.boot) },
    acquiredAt: Number(row.acquired_at),
    heartbeat: Number(row.heartbeat),
    releasedAt: typeof row.released_at === 'number' ? row.released_at : undefined,
  };
}

/** Whether a step that waits has a workspace, and is none that only a scheduler could have begun. */
function beginnings(directory: string, study: Row | undefined): (row: Row) => boolean {
  const isScheduled = scheduledSteps(study);
  return ({ id, state, workspace }) =>
    state === 'INITIALIZED' && !isScheduled(Number(id)) && existsSync(join(directory, String(workspace)));
}

/** Steps whose job scripts are on disk before they are submitted: one that has none was never submitted. */
function scheduledSteps(study: Row | undefined): (step: number) => boolean {
  if (typeof study?.plan !== 'string' || !(study.template instanceof Uint8Array)) return () => false;
  const { batch, steps } = JSON.parse(study.plan) as Study;
  const template = new DataView(new Uint8Array(study.template).buffer);
  return (step) => batch.type !== 'local' && steps[template.getUint32(step * 4, true)]?.isScheduled === true;
}
