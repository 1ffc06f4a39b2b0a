import { fingerprintOf } from './copy/fingerprint.ts';
import { endOfCopy, fingerprintInCopy } from './copy/store-copy.ts';
import { readNewestEvent } from './queries.ts';
import { differingDefinition } from './schema.ts';
import { type Store, StoreDamaged } from './store.ts';
import type { StudyRecord } from './study-record.ts';

/**
 * Looks whether a store holds together, as far as can be found out in a fraction of a second: its pages,
 * definitions and constraints, whether the event log replayed gives the steps' states, and whether it has lost what its copy
 * still knows. Throws StoreDamaged, and SQLite's errors.
 */
export function checkStore(store: Store, studyDirectory: string): void {
  const structure = store.pragma('quick_check(1)', { simple: true }) as string;
  if (structure !== 'ok') throw new StoreDamaged(structure.replaceAll('\n', ' '));
  const definition = differingDefinition(store);
  if (definition !== undefined) throw new StoreDamaged(`its ${definition} is not defined as it was`);
  checkSingleRows(store);
  checkEvents(store);
  const known = endOfCopy(studyDirectory) ?? 0;
  const newest = readNewestEvent(store);
  if (known <= newest) return;
  throw new StoreDamaged(
    `it ends with event ${newest}, and its copy knows ${known}: it has lost the newest ones`,
  );
}

/** Throws StoreDamaged where the plan is another than was recorded when the study was made. */
export function checkPlan(record: StudyRecord, studyDirectory: string): void {
  const expected = fingerprintInCopy(studyDirectory, record);
  if (expected === undefined || expected === fingerprintOf(record.study, record.expansion)) return;
  throw new StoreDamaged('its plan is not the one that was made for this study');
}

function checkSingleRows(store: Store): void {
  for (const table of ['study', 'limits']) {
    const rows = store.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
    if (rows !== 1) throw new StoreDamaged(`the table ${table} has ${rows} rows`);
  }
}

/** Each event of a step goes on where the one before it ended, and the last one gives the step's state. */
function checkEvents(store: Store): void {
  const broken = store
    .prepare(
      `SELECT id, step FROM (
         SELECT id, step, from_state, lag(to_state) OVER (PARTITION BY step ORDER BY id) AS before
         FROM event WHERE step IS NOT NULL)
       WHERE from_state <> before LIMIT 1`,
    )
    .get() as { readonly id: number; readonly step: number } | undefined;
  if (broken !== undefined) {
    throw new StoreDamaged(`event ${broken.id} of step ${broken.step} does not follow the one before it`);
  }
  const other = store
    .prepare(
      `SELECT step.id, step.state, newest.to_state AS told
       FROM step LEFT JOIN (SELECT step, to_state, max(id) FROM event WHERE step IS NOT NULL GROUP BY step) newest
         ON newest.step = step.id
       WHERE step.state <> coalesce(newest.to_state, 'INITIALIZED') AND step.state <> 'DRYRUN' LIMIT 1`,
    )
    .get() as { readonly id: number; readonly state: string; readonly told: string | null } | undefined;
  if (other === undefined) return;
  throw new StoreDamaged(
    `step ${other.id} is ${other.state}, and ${other.told ?? 'INITIALIZED'} by its events`,
  );
}
