import { LeaseLost } from '../state/journal.ts';
import { readNewestEvent } from '../state/queries.ts';
import { mayFollow, type StepState } from '../state/states.ts';
import type { Store } from '../state/store.ts';
import { columnBlobs, type StudySource } from '../state/study-record.ts';
import { fateClause } from './fate-words.ts';
import type { Fate } from './fates.ts';
import type { Renewal } from './renewal.ts';

/** With what, and on what conditions, a study gets another specification. */
export interface RenewalOptions {
  /** Of the lease that the caller holds. */
  readonly epoch: number;
  /** The newest event when the renewal was planned. */
  readonly plannedAfter: number;
  readonly source: StudySource;
  readonly version: string;
  /** Unix milliseconds. */
  readonly now: number;
}

/** Thrown where something has happened to the study since its renewal was planned. Nothing is recorded then. */
export class PlanOutdated extends Error {
  override readonly name = 'PlanOutdated';
}

/**
 * Gives a study its new plan: steps that run again go back to the beginning, new ones are added, others are marked
 * as removed, and the study has not ended any more. All in one transaction: whoever reads the store finds the old
 * study or the new one. Throws LeaseLost, PlanOutdated, and an Error for a transition that the table forbids: a bug.
 */
export function recordRenewal(store: Store, renewal: Renewal, options: RenewalOptions): void {
  store
    .transaction(() => {
      const { epoch, plannedAfter, now } = options;
      const held = store.prepare('SELECT 1 FROM lease WHERE epoch = ? AND released_at IS NULL').get(epoch);
      if (held === undefined) throw new LeaseLost('somebody else conducts the study now');
      if (readNewestEvent(store) !== plannedAfter) {
        throw new PlanOutdated('the study has changed since its renewal was planned');
      }
      recordPlan(store, renewal, options);
      recordFates(store, renewal, now);
    })
    .immediate();
}

function recordPlan(store: Store, { study, expansion, fates }: Renewal, options: RenewalOptions): void {
  store
    .prepare(
      `UPDATE study SET plan = ?, template = ?, combination = ?, parents = ?, parents_start = ?, source = ?,
         version = ?, edition = edition + 1, outcome = NULL, ended_at = NULL, cancel_requested_at = NULL`,
    )
    .run(JSON.stringify(study), ...columnBlobs(expansion), JSON.stringify(options.source), options.version);
  store
    .prepare('INSERT INTO event (at, why) VALUES (?, ?)')
    .run(options.now, `has another specification by request: ${countsText(fates)}`);
}

function countsText(fates: readonly Fate[]): string {
  const count = (...kinds: readonly Fate['kind'][]) =>
    fates.filter(({ kind }) => kinds.includes(kind)).length;
  return `${count('again')} steps run again, ${count('new', 'back')} are new, ${count('removed')} are removed`;
}

function recordFates(store: Store, { expansion, fates }: Renewal, now: number): void {
  const { names, workspaces, removed } = expansion;
  const states = store.prepare('SELECT state FROM step ORDER BY id').pluck().all() as StepState[];
  const add = store.prepare(`INSERT INTO step (id, name, workspace, state) VALUES (?, ?, ?, 'INITIALIZED')`);
  const reset = store.prepare(
    `UPDATE step SET state = 'INITIALIZED', retries = 0, restarts = 0, resubmissions = 0, is_doomed = 0,
       not_before = NULL, removed = NULL, workspace = ? WHERE id = ?`,
  );
  const remove = store.prepare(
    `UPDATE step SET state = 'REMOVED', not_before = NULL, removed = ?, workspace = ? WHERE id = ?`,
  );
  const addEvent = store.prepare(
    'INSERT INTO event (at, step, from_state, to_state, why) VALUES (?, ?, ?, ?, ?)',
  );
  const tell = (row: number, to: StepState, why: string): void => {
    const from = states[row]!;
    if (!mayFollow(from, to)) throw new Error(`step ${row} cannot go from ${from} to ${to} (${why})`);
    addEvent.run(now, row, from, to, why);
  };
  for (const [row, fate] of fates.entries()) {
    const clause = (): string => fateClause(fate, (of) => names[of]!);
    switch (fate.kind) {
      case 'kept':
      case 'waits':
      case 'gone':
        break;
      case 'new':
        add.run(row, names[row], workspaces[row]);
        break;
      case 'again':
      case 'back':
        tell(row, 'INITIALIZED', `to be run again: ${clause()}`);
        reset.run(workspaces[row], row);
        break;
      case 'removed':
        tell(row, 'REMOVED', clause());
        remove.run(JSON.stringify(removed!.get(row)), workspaces[row], row);
    }
  }
}
