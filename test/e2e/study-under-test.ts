import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Lease, readLease } from '../../src/shared/state/lease.ts';
import {
  type AttemptRow,
  type EventRow,
  readAttempts,
  readEvents,
  readRows,
  readSummary,
  type StatusRow,
} from '../../src/shared/state/queries.ts';
import type { StepState } from '../../src/shared/state/states.ts';
import { type Store, storeFile } from '../../src/shared/state/store.ts';
import { parseCsv } from './csv.ts';
import { until } from './until.ts';

/** A study directory as a test looks at it: by reading only, as any other program might. */
export interface StudyUnderTest {
  readonly directory: string;
  path(...parts: string[]): string;
  rows(): StatusRow[];
  events(): EventRow[];
  attempts(step: string): AttemptRow[];
  stateOf(step: string): StepState;
  /** How many steps are in this state. */
  count(state: StepState): number;
  outcome(): string | undefined;
  lease(): Lease | undefined;
  token(): string;
  /** Pid of the holder of the lease. */
  conductor(): number;
  /** Pids of all runners that there ever were, oldest first. */
  runners(): number[];
  /** The conductor's log. */
  log(): string;
  /** status.csv as rows of cells, the header first. */
  statusCsv(): string[][];
  /** Whole lines of a file in the study directory; none where there is no file. */
  lines(file: string): string[];
  /** Waits for a condition; tells the log where it does not come. */
  until<Result>(what: string, condition: () => Result | undefined | false): Promise<Result>;
  /** Waits until the study has ended, and answers how. */
  untilEnded(): Promise<string>;
}

/** Looks at a study directory, which need not exist yet. */
export function openStudy(directory: string): StudyUnderTest {
  const path = (...parts: string[]): string => join(directory, ...parts);
  const read = <Result>(query: (store: Store) => Result): Result => {
    const store = new Database(storeFile(directory), { readonly: true, fileMustExist: true });
    try {
      return query(store);
    } finally {
      store.close();
    }
  };
  const rows = (): StatusRow[] => read((store) => [...readRows(store)]);
  const row = (step: string): StatusRow => {
    const found = rows().find(({ name }) => name === step);
    if (found === undefined) throw new Error(`there is no step ${step}`);
    return found;
  };
  const outcome = (): string | undefined => read(readSummary).outcome;
  const log = (): string => textOf(path('logs', 'trial.log'));
  const untilOf = <Result>(what: string, condition: () => Result | undefined | false): Promise<Result> =>
    until(what, condition, () => `${log().slice(-4000)}\n${textOf(path('trial.txt')).slice(-2000)}`);
  return {
    directory,
    path,
    rows,
    events: () => read((store) => [...readEvents(store, 0)]),
    attempts: (step) => read((store) => readAttempts(store, row(step).id)),
    stateOf: (step) => row(step).state,
    count: (state) => rows().filter((one) => one.state === state).length,
    outcome,
    lease: () => read(readLease),
    token: () => read((store) => store.prepare('SELECT token FROM study').pluck().get() as string),
    conductor: () => read(readLease)!.process.pid,
    runners: () => runnersOf(path('.maestro', 'runner')),
    log,
    statusCsv: () => parseCsv(readFileSync(path('status.csv'), 'utf8')),
    lines: (file) => wholeLines(textOf(path(file))),
    until: untilOf,
    untilEnded: () => untilOf('the study has ended', outcome),
  };
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** What follows the last newline is not whole yet. */
function wholeLines(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

function runnersOf(directory: string): number[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .sort(new Intl.Collator('en', { numeric: true }).compare)
    .flatMap((name) => wholeLines(readFileSync(join(directory, name), 'utf8')))
    .flatMap((line) => (line.startsWith('runner ') ? [Number(line.split(' ')[1])] : []));
}
