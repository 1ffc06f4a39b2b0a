import { readFileSync, rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { discardRequests } from '../control.ts';
import { UserError } from '../errors.ts';
import { identify } from '../process-identity.ts';
import { PlanOutdated, recordRenewal } from '../renew/record-renewal.ts';
import { checkPlan, checkStore } from '../state/check-store.ts';
import { writeCopy } from '../state/copy/store-copy.ts';
import { acquireLease, describeHolder, releaseLease } from '../state/lease.ts';
import { readSummary } from '../state/queries.ts';
import { explainStoreError, openStore, type Store } from '../state/store.ts';
import { programVersion } from '../version.ts';
import { acquireDependencies } from './acquire.ts';
import { isPresent } from './dependencies.ts';
import { sourceOf } from './directory.ts';
import { type EditionFile, settleEdition, stageEdition } from './edition-files.ts';
import { metaFiles } from './meta.ts';
import type { PlannedRenewal } from './planned-renewal.ts';
import type { CheckedStudy } from './prepare.ts';
import { renewalAsides } from './renewal-asides.ts';

/**
 * Gives a study its new specification, once everything that can be checked has been checked. The store's
 * transaction is the moment at which it has it: what is written before is of no account without it, and what
 * follows is made up for by the next conductor, should this process die. Throws a UserError where somebody
 * conducts the study, or has done something to it since the renewal was planned.
 */
export async function renewStudyDirectory(checked: CheckedStudy, planned: PlannedRenewal): Promise<void> {
  const { directory } = checked;
  const store = openStore(directory);
  try {
    const epoch = takeLease(store, directory);
    try {
      checkStore(store, directory);
      checkPlan(planned.before, directory);
      await renew(store, epoch, checked, planned);
    } finally {
      releaseLease(store, epoch, Date.now());
    }
  } catch (error) {
    if (!(error instanceof PlanOutdated)) throw explainStoreError(error, directory);
    throw new UserError(`${directory}: ${error.message}`, 'look again, and then decide', { cause: error });
  } finally {
    store.close();
  }
}

function takeLease(store: Store, directory: string): number {
  const acquired = acquireLease(store, identify(process.pid), Date.now());
  if (acquired.kind === 'acquired') return acquired.epoch;
  throw new UserError(`${directory} is conducted by ${describeHolder(acquired.holder)}`, 'look again');
}

async function renew(
  store: Store,
  epoch: number,
  checked: CheckedStudy,
  planned: PlannedRenewal,
): Promise<void> {
  const { directory, clones, request } = checked;
  const { renewal, before, plannedAfter } = planned;
  const { edition } = before;
  settleEdition(directory, edition);
  const source = { ...sourceOf(checked), specification: before.source.specification };
  const missing = clones.filter((clone) => !isPresent(clone, before.source.clones));
  let isCloned = false;
  try {
    stageEdition(
      directory,
      edition + 1,
      editionFiles(checked, planned),
      renewalAsides(store, checked, planned),
    );
    const { cwd, signal } = request;
    await acquireDependencies(missing, { cwd, ...(signal === undefined ? {} : { signal }) });
    isCloned = true;
    if (readSummary(store).outcome !== undefined) discardRequests(directory);
    recordRenewal(store, renewal, {
      epoch,
      plannedAfter,
      source,
      version: programVersion(),
      now: Date.now(),
    });
  } catch (error) {
    const current = store.prepare('SELECT edition FROM study').pluck().get() as number;
    settleEdition(directory, current);
    // A disk that fails may have taken the transaction, and refused to say so.
    if (current !== edition) throw error;
    if (isCloned) for (const clone of missing) rmSync(clone.directory, { recursive: true, force: true });
    throw error;
  }
  // The copy before the files: should the store have to be made anew from it, they belong together.
  const { study, expansion } = renewal;
  writeCopy(directory, store, { ...before, source, edition: edition + 1, study, expansion });
  settleEdition(directory, edition + 1);
}

/** The copy keeps its name, whatever the new file is called: there is one specification in a study directory. */
function editionFiles(checked: CheckedStudy, { before }: PlannedRenewal): EditionFile[] {
  const { specification, request } = checked;
  const { generator, cwd } = request;
  return [
    { path: before.source.specification, pieces: [specification.text] },
    ...(generator === undefined
      ? []
      : [{ path: basename(generator), pieces: [readFileSync(resolve(cwd, generator), 'utf8')] }]),
    ...metaFiles(checked, process.env),
  ];
}
