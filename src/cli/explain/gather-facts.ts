import { join } from 'node:path';
import {
  type EventRow,
  readAttempts,
  readEventsOf,
  readNewestReasons,
  readNotBefore,
  readStartOutage,
} from '../../shared/state/queries.ts';
import { isInFlight, type StepState } from '../../shared/state/states.ts';
import type { Store } from '../../shared/state/store.ts';
import { readStudy, type StudyRecord } from '../../shared/state/study-record.ts';
import { type Overview, readStudyAt } from '../../shared/status/snapshot.ts';
import { localResources } from '../../shared/study/script/local-resources.ts';
import type { Expansion } from '../../shared/study/study.ts';
import { stepText } from '../../shared/study/text-of-step.ts';
import { studyLog, unknownStep } from '../log-files.ts';
import { outputFile } from '../output-file.ts';
import { type Ancestry, ancestryOf } from './ancestry.ts';
import { attemptStories } from './attempt-stories.ts';
import type { OutputTail, StepFacts } from './facts.ts';
import { lastLines } from './last-lines.ts';
import { schedulerTrouble } from './scheduler-trouble.ts';

/** Parents and culprits that are named one by one. */
const SHOWN = 5;

/** Lines of output that are shown. */
const OUTPUT_LINES = 12;

/** Lines of the conductor's log that are looked through. */
const LOG_LINES = 500;

/** Reads all that an explanation of a step needs. Throws a UserError where there is no such step. */
export function gatherFacts(directory: string, name: string): StepFacts {
  return readStudyAt(directory, (store, overview) => {
    const record = readStudy(store);
    const step = findStep(record.expansion, name);
    if (step === undefined) throw unknownStep(directory, name);
    return factsOf(store, record, overview(), step);
  });
}

/** The step of this name; one that was removed only where no other has it. */
function findStep({ names, removed }: Expansion, name: string): number | undefined {
  let found: number | undefined;
  for (let step = names.indexOf(name); step >= 0; step = names.indexOf(name, step + 1)) {
    if (removed?.has(step) !== true) return step;
    found = step;
  }
  return found;
}

function factsOf(store: Store, record: StudyRecord, overview: Overview, step: number): StepFacts {
  const { study, expansion } = record;
  const { directory, summary, takenAt } = overview;
  const states = store.prepare('SELECT state FROM step ORDER BY id').pluck().all() as StepState[];
  const events = readEventsOf(store, step);
  // A step that was removed has no template any more.
  const template = study.steps[expansion.template[step]!];
  const retry = template?.retry;
  const resources = template && localResources(study.batch, stepText(study, expansion, step));
  const walltimeMs = resources?.walltimeMs;
  const attempts = attemptStories(readAttempts(store, step), events, { walltimeMs, grow: retry?.grow });
  const ancestry = ancestryOf(study, expansion, states);
  const isScheduled = study.batch.type !== 'local' && template?.isScheduled === true;
  const inFlight = [...summary.counts].filter(([state]) => isInFlight(state));
  return {
    directory,
    now: takenAt,
    name: expansion.names[step]!,
    state: states[step]!,
    isScheduled,
    walltimeMs,
    retry,
    notBefore: readNotBefore(store, step),
    study: {
      state: overview.state,
      isPaused: summary.isPaused,
      throttle: summary.limits.throttle,
      inFlight: inFlight.reduce((sum, [, count]) => sum + count, 0),
    },
    parents: parentFacts(ancestry, record, states, step),
    culprits: culpritFacts(store, ancestry, record, states, step),
    attempts,
    last: lastOf(events),
    isWithoutGpus: (resources?.gpus ?? 0) > 0 && summary.limits.gpus === 0,
    outage: readStartOutage(store),
    schedulerTrouble: isScheduled ? troubleOf(directory) : undefined,
    output: outputOf(join(directory, expansion.workspaces[step]!), attempts),
  };
}

function lastOf(events: readonly EventRow[]): StepFacts['last'] {
  const last = events.at(-1);
  return last === undefined ? undefined : { at: last.at, from: last.from!, why: last.why };
}

function parentFacts(
  ancestry: Ancestry,
  { expansion }: StudyRecord,
  states: readonly StepState[],
  step: number,
): StepFacts['parents'] {
  const parents = ancestry.parentsOf(step);
  const open = parents.filter((parent) => states[parent] !== 'FINISHED');
  const unfinished = new Map<StepState, number>();
  for (const parent of open) unfinished.set(states[parent]!, (unfinished.get(states[parent]!) ?? 0) + 1);
  const shown = open
    .slice(0, SHOWN)
    .map((parent) => ({ name: expansion.names[parent]!, state: states[parent]! }));
  return { total: parents.length, unfinished, shown };
}

function culpritFacts(
  store: Store,
  ancestry: Ancestry,
  { expansion }: StudyRecord,
  states: readonly StepState[],
  step: number,
): StepFacts['culprits'] {
  const culprits = ancestry.culpritsOf(step);
  const named = culprits.slice(0, SHOWN);
  const reasons = readNewestReasons(store, named);
  const shown = named.map((culprit) => ({
    name: expansion.names[culprit]!,
    state: states[culprit]!,
    why: reasons.get(culprit) ?? 'nobody has said why',
  }));
  return { total: culprits.length, shown };
}

function troubleOf(directory: string): string | undefined {
  try {
    return schedulerTrouble(lastLines(studyLog(directory), LOG_LINES)?.lines ?? []);
  } catch {
    // A study that was never conducted, or logs elsewhere, has no log to ask.
    return undefined;
  }
}

/** What the newest attempt that wrote anything wrote last: what it complained of, else what it said. */
function outputOf(workspace: string, attempts: StepFacts['attempts']): OutputTail | undefined {
  const newest = attempts.findLast(({ startedAt }) => startedAt !== null);
  if (newest === undefined) return undefined;
  const place = { workspace, number: newest.number, isNewest: newest === attempts.at(-1), job: newest.job };
  for (const stream of ['err', 'out'] as const) {
    const file = outputFile(place, stream);
    const tail = file === undefined ? undefined : lastLines(file, OUTPUT_LINES);
    if (file !== undefined && tail !== undefined) return { stream, file, ...tail };
  }
  return undefined;
}
