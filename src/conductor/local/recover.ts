import type { ProcessIdentity } from '../../shared/process-identity.ts';
import type { Store } from '../../shared/state/store.ts';
import type { AttemptKey, Observation } from '../observation.ts';
import type { RunnerRecord } from '../runner/records.ts';
import { observationOf } from './record-observation.ts';

/** An attempt that the store holds open: no conductor has recorded how it ended. */
export interface OpenAttempt extends AttemptKey {
  readonly epoch: number;
  readonly host: string;
  /** Its process id, once a conductor has recorded its start. */
  readonly job: string | null;
  readonly submittedAt: number;
  readonly startedAt: number | null;
  readonly gpus: string;
  /** How often its requests had grown. */
  readonly growth: number;
}

/** The open attempts, in the order of their steps. */
export function readOpenAttempts(store: Store): OpenAttempt[] {
  return store
    .prepare(
      `SELECT attempt.step, attempt.number, attempt.epoch, attempt.host, attempt.job, attempt.gpus, attempt.growth,
         attempt.submitted_at AS submittedAt, attempt.started_at AS startedAt
       FROM step JOIN attempt ON attempt.step = step.id AND attempt.number = step.attempts
       WHERE step.state IN ('PENDING', 'QUEUED', 'WAITING', 'RUNNING', 'FINISHING')
       ORDER BY step.id`,
    )
    .all() as OpenAttempt[];
}

/** All that one runner has written, and what is known of the runner itself. */
export interface RunnerTrace {
  readonly file: string;
  /** Of the conductor that started it. */
  readonly epoch: number;
  readonly host: string;
  readonly identity: ProcessIdentity | undefined;
  /** Whether the runner lives; 'unknown' for one on another host. */
  readonly life: 'alive' | 'dead' | 'unknown';
  readonly records: readonly RunnerRecord[];
}

/** How recovery looks at the machine. */
export interface Witnesses {
  readonly host: string;
  readonly bootId: string;
  /**
   * The process that carries the attempt's token in its environment and leads a group: the step itself. What it
   * has left behind may outlive it for long, and tells nothing.
   */
  readonly stepOf: (key: AttemptKey) => number | undefined;
  /** Whether the attempt has left output files in its workspace: it was started, then. */
  readonly hasOutput: (attempt: OpenAttempt) => boolean;
}

/** An attempt that runs while its runner is dead: only the process table tells when it ends. */
export interface Orphan {
  readonly attempt: OpenAttempt;
  readonly pid: number;
}

/** What recovery found out about the open attempts. */
export interface Recovery {
  /** In the order of the traces: what their records say, then what the witnesses say of the rest. */
  readonly observations: Observation[];
  /** Attempts whose runner lives and will yet record their end. */
  readonly followed: OpenAttempt[];
  readonly orphans: Orphan[];
}

/**
 * Reconciles the store with what has happened while no conductor watched: pure but for the witnesses.
 *
 * The records come first: they are the truth about every attempt that they end. An attempt that they do not
 * end is still running under a live runner, or was cut off when the machine restarted, or lost its runner. A
 * lost one that still has processes is watched; one that left no trace at all was never started.
 */
export function recover(
  open: readonly OpenAttempt[],
  traces: readonly RunnerTrace[],
  studyToken: string,
  now: number,
  witnesses: Witnesses,
): Recovery {
  const observations: Observation[] = [];
  const heard = new Map<string, Heard>();
  for (const trace of traces) {
    for (const record of trace.records) {
      const observation = observationOf(record, studyToken);
      if (observation === undefined) continue;
      observations.push(observation);
      heard.set(keyOf(observation), { kind: observation.kind, trace });
    }
  }
  const followed: OpenAttempt[] = [];
  const orphans: Orphan[] = [];
  for (const attempt of open) {
    const last = heard.get(keyOf(attempt));
    if (last !== undefined && last.kind !== 'started') continue;
    const judged = judge(attempt, last?.trace, traces, now, witnesses);
    if (judged.kind === 'followed') followed.push(attempt);
    else if (judged.kind === 'orphan') orphans.push({ attempt, pid: judged.pid });
    else observations.push(judged);
  }
  return { observations, followed, orphans };
}

/** The newest record about an attempt, and the runner that wrote it. */
interface Heard {
  readonly kind: Observation['kind'];
  readonly trace: RunnerTrace;
}

type Judgement = Observation | { kind: 'followed' } | { kind: 'orphan'; pid: number };

function judge(
  attempt: OpenAttempt,
  startedBy: RunnerTrace | undefined,
  traces: readonly RunnerTrace[],
  now: number,
  witnesses: Witnesses,
): Judgement {
  const { step, number } = attempt;
  const ofItsEpoch = traces.filter(({ epoch, host }) => epoch === attempt.epoch && host === attempt.host);
  const runners = startedBy === undefined ? ofItsEpoch : [startedBy];
  if (runners.some(({ life }) => life === 'alive')) return { kind: 'followed' };
  if (attempt.host !== witnesses.host) {
    // Only that host can say more. Its records reach this one through the shared file system.
    return { kind: 'followed' };
  }
  const pid = witnesses.stepOf(attempt);
  if (pid !== undefined) return { kind: 'orphan', pid };
  const started = startedBy !== undefined || attempt.startedAt !== null || witnesses.hasOutput(attempt);
  if (!started) return { kind: 'dropped', step, number, at: now, evidence: 'it had not been started' };
  if (runners.some(({ identity }) => identity !== undefined && identity.bootId !== witnesses.bootId)) {
    const evidence = `host ${attempt.host} restarted while it ran`;
    return { kind: 'hardware', step, number, at: now, evidence };
  }
  const evidence = 'its runner was killed and its process is gone';
  return { kind: 'lost', step, number, at: now, evidence };
}

function keyOf({ step, number }: AttemptKey): string {
  return `${step}.${number}`;
}
