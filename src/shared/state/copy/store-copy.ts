import type { Turn } from '../journal.ts';
import { readNewestEvent } from '../queries.ts';
import type { Store } from '../store.ts';
import type { StudyRecord } from '../study-record.ts';
import { appendToCopy, firstLine, lastEnd, replaceCopy } from './copy-file.ts';
import { batchLines, concat, headerLine, rowLine, type Shape, shapeLine } from './encode.ts';
import { fingerprintOf } from './fingerprint.ts';
import { selectOf, shapesOf } from './shapes.ts';
import { type Cell, TABLE_NAMES } from './tables.ts';

/**
 * A second hold on what a store holds, in plain text beside it: should the store's file ever be damaged, it can
 * be made anew from there. The store alone is what counts; the copy follows it after a moment.
 */
export interface StoreCopy {
  /** A turn has been recorded that the copy does not have yet. */
  note(turn: Turn): void;
  /** Adds what the store has and the copy has not. Throws what the file system throws. */
  bringUpToDate(): void;
}

/** Writes the whole copy of a store, in place of any that there is. */
export function writeCopy(studyDirectory: string, store: Store, record: StudyRecord): void {
  replaceCopy(studyDirectory, wholeLines(store, record));
}

function* wholeLines(store: Store, { token, edition, study, expansion }: StudyRecord): Generator<string> {
  const shapes = shapesOf(store);
  yield headerLine({ token, edition, fingerprint: fingerprintOf(study, expansion) });
  const lines = concat([...shapes.values()].map(shapeLine), allRows(store, shapes));
  yield* batchLines({ after: 0, until: readNewestEvent(store) }, lines);
}

function* allRows(store: Store, shapes: ReadonlyMap<string, Shape>): Generator<string> {
  for (const name of TABLE_NAMES) yield* rowsOf(store, shapes.get(name)!);
}

function* rowsOf(store: Store, shape: Shape, rest = '', ...values: unknown[]): Generator<string> {
  const rows = store
    .prepare(selectOf(shape, rest))
    .raw()
    .iterate(...values) as IterableIterator<Cell[]>;
  for (const cells of rows) yield rowLine(shape.name, cells);
}

/** The copy of a study's store, for its conductor: whole from the first call of `bringUpToDate` on. */
export function openCopy(studyDirectory: string, store: Store, record: StudyRecord): StoreCopy {
  return new Follower(studyDirectory, store, record);
}

/** What a copy's last lines tell of how far it goes; undefined where it must be written anew. */
export function endOfCopy(studyDirectory: string): number | undefined {
  const [, until] = parse(lastEnd(studyDirectory));
  return typeof until === 'number' ? until : undefined;
}

/** The fingerprint that a copy gives of a study's plan; undefined where there is no copy, or none of this plan. */
export function fingerprintInCopy(
  studyDirectory: string,
  { token, edition }: Pick<StudyRecord, 'token' | 'edition'>,
): string | undefined {
  const [, , ofStudy, ofEdition, fingerprint] = parse(firstLine(studyDirectory));
  const isOurs = ofStudy === token && ofEdition === edition;
  return isOurs && typeof fingerprint === 'string' ? fingerprint : undefined;
}

function parse(line: string | undefined): readonly unknown[] {
  try {
    return JSON.parse(line ?? '[]') as unknown[];
  } catch {
    return [];
  }
}

class Follower implements StoreCopy {
  private readonly directory: string;
  private readonly store: Store;
  private readonly record: StudyRecord;
  /** Steps whose rows have changed without an event of their own. */
  private readonly touched = new Set<number>();
  private shapes: ReadonlyMap<string, Shape> | undefined;
  private until = 0;
  private isBehind = true;

  constructor(directory: string, store: Store, record: StudyRecord) {
    this.directory = directory;
    this.store = store;
    this.record = record;
  }

  note({ doomed = [] }: Turn): void {
    this.isBehind = true;
    this.touch(doomed);
  }

  bringUpToDate(): void {
    if (!this.isBehind) return;
    const { shapes } = this;
    if (shapes === undefined) this.begin();
    else this.add(shapes, []);
    this.isBehind = false;
  }

  private touch(steps: Iterable<number>): void {
    for (const step of steps) this.touched.add(step);
  }

  /** The first time: how far the copy goes is not known yet, and its columns may be those of an older version. */
  private begin(): void {
    const shapes = shapesOf(this.store);
    const until = endOfCopy(this.directory);
    const isOurs = fingerprintInCopy(this.directory, this.record) !== undefined;
    if (isOurs && until !== undefined && until <= readNewestEvent(this.store)) {
      this.until = until;
      this.touch(this.store.prepare('SELECT id FROM step WHERE is_doomed = 1').pluck().all() as number[]);
      this.add(shapes, [...shapes.values()].map(shapeLine));
    } else {
      writeCopy(this.directory, this.store, this.record);
      this.until = readNewestEvent(this.store);
    }
    this.shapes = shapes;
  }

  private add(shapes: ReadonlyMap<string, Shape>, first: readonly string[]): void {
    const { store, directory } = this;
    const until = readNewestEvent(store);
    const changed = store
      .prepare('SELECT DISTINCT step FROM event WHERE id > ? AND step IS NOT NULL')
      .pluck()
      .all(this.until) as number[];
    this.touch(changed);
    const lines = concat(first, this.rowsSince(shapes, this.until));
    appendToCopy(directory, batchLines({ after: this.until, until }, lines));
    this.touched.clear();
    this.until = until;
  }

  private *rowsSince(shapes: ReadonlyMap<string, Shape>, after: number): Generator<string> {
    const { store } = this;
    for (const name of ['study+', 'limits', 'lease', 'request']) yield* rowsOf(store, shapes.get(name)!);
    const steps = JSON.stringify([...this.touched]);
    const among = (column: string): string => `WHERE ${column} IN (SELECT value FROM json_each(?))`;
    yield* rowsOf(store, shapes.get('step+')!, among('id'), steps);
    yield* rowsOf(store, shapes.get('attempt')!, among('step'), steps);
    yield* rowsOf(store, shapes.get('event')!, 'WHERE id > ?', after);
  }
}
