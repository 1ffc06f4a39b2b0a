import { randomBytes } from 'node:crypto';
import type { Expansion, RemovedStep, Study } from '../study/study.ts';
import type { StepState } from './states.ts';
import { type Store, StoreDamaged } from './store.ts';
import type { Limits } from './transition.ts';

/** What a study's plan was made from, beside what stands in the plan. */
export interface StudySource {
  /** The file name of the specification's copy in the study directory. */
  readonly specification: string;
  /** The repositories that were cloned for it. */
  readonly clones: readonly {
    readonly name: string;
    /** Without a password. */
    readonly url: string;
    /** The tag, branch or commit that was selected, if one was. */
    readonly ref?: { readonly kind: string; readonly name: string };
    /** Absolute. */
    readonly directory: string;
  }[];
}

/** What the store keeps of a study beside its steps' states. */
export interface StudyRecord {
  readonly token: string;
  readonly createdAt: number;
  readonly source: StudySource;
  /** Counts the specifications that the study has had. */
  readonly edition: number;
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
  options: {
    readonly now: number;
    readonly version: string;
    readonly state: StepState;
    readonly source: StudySource;
  },
): StudyRecord {
  const token = randomBytes(6).toString('hex');
  const insertStep = store.prepare('INSERT INTO step (id, name, workspace, state) VALUES (?, ?, ?, ?)');
  store.transaction(() => {
    store
      .prepare(
        `INSERT INTO study (id, token, name, version, created_at, plan, template, combination, parents,
           parents_start, source, outcome, ended_at) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        token,
        study.name,
        options.version,
        options.now,
        JSON.stringify(study),
        ...columnBlobs(expansion),
        JSON.stringify(options.source),
        options.state === 'DRYRUN' ? 'dry' : null,
        options.state === 'DRYRUN' ? options.now : null,
      );
    store
      .prepare(
        'INSERT INTO limits (id, attempts, rlimit, throttle, sleeptime, cores, gpus) VALUES (1, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        limits.attempts,
        limits.rlimit,
        limits.throttle,
        limits.sleeptime,
        limits.cores ?? null,
        limits.gpus ?? null,
      );
    for (let step = 0; step < expansion.count; step++) {
      insertStep.run(step, expansion.names[step], expansion.workspaces[step], options.state);
    }
  })();
  return { token, createdAt: options.now, source: options.source, edition: 1, study, expansion };
}

/** Reads back what `recordStudy` wrote. Throws StoreDamaged where that is another thing by now. */
export function readStudy(store: Store): StudyRecord {
  const row = store
    .prepare(
      'SELECT token, created_at, plan, template, combination, parents, parents_start, source, edition FROM study',
    )
    .get() as
    | {
        token: string;
        created_at: number;
        plan: string;
        template: Buffer;
        combination: Buffer;
        parents: Buffer;
        parents_start: Buffer;
        source: string;
        edition: number;
      }
    | undefined;
  if (row === undefined) throw new StoreDamaged('the study is missing in it');
  const steps = store.prepare('SELECT name, workspace, removed FROM step ORDER BY id').raw();
  const names: string[] = [];
  const workspaces: string[] = [];
  const removed = new Map<number, RemovedStep>();
  for (const [name, workspace, gone] of steps.iterate() as IterableIterator<StepNames>) {
    if (gone !== null) removed.set(names.length, parseJson<RemovedStep>(gone, 'record of a removed step'));
    names.push(name);
    workspaces.push(workspace);
  }
  return {
    token: row.token,
    createdAt: row.created_at,
    source: parseJson<StudySource>(row.source, 'source'),
    edition: row.edition,
    study: parseJson<Study>(row.plan, 'plan'),
    expansion: {
      count: names.length,
      template: fromBlob(row.template),
      combination: fromBlob(row.combination),
      parents: fromBlob(row.parents),
      parentsStart: fromBlob(row.parents_start),
      names,
      workspaces,
      ...(removed.size > 0 && { removed }),
    },
  };
}

type StepNames = [name: string, workspace: string, removed: string | null];

/** The columns of an expansion as the store keeps them, in the order of its own columns. */
export function columnBlobs(expansion: Expansion): Buffer[] {
  const { template, combination, parents, parentsStart } = expansion;
  return [template, combination, parents, parentsStart].map(toBlob);
}

/** The machine's byte order is little-endian on every platform that Node supports and clusters use. */
function toBlob(column: Uint32Array): Buffer {
  return Buffer.from(column.buffer, column.byteOffset, column.byteLength);
}

function parseJson<Value>(text: string, what: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch {
    throw new StoreDamaged(`its ${what} is no JSON`);
  }
}

/** A copy, because a Buffer from the store need not be aligned to four bytes. */
function fromBlob(blob: unknown): Uint32Array {
  if (!(blob instanceof Uint8Array)) throw new StoreDamaged('a column of its plan is missing');
  if (blob.byteLength % 4 !== 0) throw new StoreDamaged('a column of its plan is cut short');
  const bytes = new Uint8Array(blob.byteLength);
  bytes.set(blob);
  return new Uint32Array(bytes.buffer);
}
