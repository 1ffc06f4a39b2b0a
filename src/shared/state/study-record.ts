import { randomBytes } from 'node:crypto';
import type { Expansion, Study } from '../study/study.ts';
import type { StepState } from './states.ts';
import { type Store, StoreDamaged } from './store.ts';
import type { Limits } from './transition.ts';

/** What the store keeps of a study beside its steps' states. */
export interface StudyRecord {
  readonly token: string;
  readonly createdAt: number;
  readonly study: Study;
  readonly expansion: Expansion;
}

/**
 * Records a new study: its plan, its graph, its limits and a row a step, in one transaction. `state` is
 * DRYRUN for a study that will not be run. Answers what `readStudy` will.
 */
export function recordStudy(
  store: Store,
  study: Study,
  expansion: Expansion,
  limits: Limits,
  options: { readonly now: number; readonly version: string; readonly state: StepState },
): StudyRecord {
  const token = randomBytes(6).toString('hex');
  const insertStep = store.prepare('INSERT INTO step (id, name, workspace, state) VALUES (?, ?, ?, ?)');
  store.transaction(() => {
    store
      .prepare(
        `INSERT INTO study (id, token, name, version, created_at, plan, template, combination, parents,
           parents_start, outcome, ended_at) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        token,
        study.name,
        options.version,
        options.now,
        JSON.stringify(study),
        toBlob(expansion.template),
        toBlob(expansion.combination),
        toBlob(expansion.parents),
        toBlob(expansion.parentsStart),
        options.state === 'DRYRUN' ? 'dry' : null,
        options.state === 'DRYRUN' ? options.now : null,
      );
    store
      .prepare('INSERT INTO limits (id, attempts, rlimit, throttle, sleeptime) VALUES (1, ?, ?, ?, ?)')
      .run(limits.attempts, limits.rlimit, limits.throttle, limits.sleeptime);
    for (let step = 0; step < expansion.count; step++) {
      insertStep.run(step, expansion.names[step], expansion.workspaces[step], options.state);
    }
  })();
  return { token, createdAt: options.now, study, expansion };
}

/** Reads back what `recordStudy` wrote. Throws StoreDamaged where that is another thing by now. */
export function readStudy(store: Store): StudyRecord {
  const row = store
    .prepare('SELECT token, created_at, plan, template, combination, parents, parents_start FROM study')
    .get() as
    | {
        token: string;
        created_at: number;
        plan: string;
        template: Buffer;
        combination: Buffer;
        parents: Buffer;
        parents_start: Buffer;
      }
    | undefined;
  if (row === undefined) throw new StoreDamaged('the study is missing in it');
  const steps = store.prepare('SELECT name, workspace FROM step ORDER BY id').raw();
  const names: string[] = [];
  const workspaces: string[] = [];
  for (const [name, workspace] of steps.iterate() as IterableIterator<[string, string]>) {
    names.push(name);
    workspaces.push(workspace);
  }
  return {
    token: row.token,
    createdAt: row.created_at,
    study: parsePlan(row.plan),
    expansion: {
      count: names.length,
      template: fromBlob(row.template),
      combination: fromBlob(row.combination),
      parents: fromBlob(row.parents),
      parentsStart: fromBlob(row.parents_start),
      names,
      workspaces,
    },
  };
}

/** The machine's byte order is little-endian on every platform that Node supports and clusters use. */
function toBlob(column: Uint32Array): Buffer {
  return Buffer.from(column.buffer, column.byteOffset, column.byteLength);
}

function parsePlan(text: string): Study {
  try {
    return JSON.parse(text) as Study;
  } catch {
    throw new StoreDamaged('its plan is no JSON');
  }
}

/** A copy, because a Buffer from the store need not be aligned to four bytes. */
function fromBlob(blob: Buffer): Uint32Array {
  if (blob.byteLength % 4 !== 0) throw new StoreDamaged('a column of its plan is cut short');
  const bytes = new Uint8Array(blob.byteLength);
  bytes.set(blob);
  return new Uint32Array(bytes.buffer);
}
