import { durationsOf } from '../../shared/state/status-csv.ts';
import { percentOf } from '../../shared/status/progress.ts';
import type { Overview, Snapshot, StepRow } from '../../shared/status/snapshot.ts';
import { isPaused } from './overview.ts';

/** A study as `--json` shows it. Times are ISO 8601 in UTC, spans milliseconds; null is what is not known. */
export function overviewJson(overview: Overview): Record<string, unknown> {
  const { summary, lease, leaseState, takenAt } = overview;
  return {
    name: summary.name,
    directory: overview.directory,
    state: overview.state,
    paused: isPaused(overview),
    total: summary.total,
    done: overview.done,
    percent: percentOf(overview.done, summary.total),
    counts: Object.fromEntries(summary.counts),
    createdAt: iso(summary.createdAt),
    endedAt: iso(summary.endedAt),
    elapsedMs: overview.elapsedMs,
    remainingMs: overview.remainingMs ?? null,
    limits: summary.limits,
    waiting:
      overview.pauses === undefined
        ? null
        : { steps: overview.pauses.count, next: iso(overview.pauses.next) },
    conductor:
      lease === undefined
        ? null
        : {
            state: leaseState,
            host: lease.host,
            pid: lease.process.pid,
            user: lease.user,
            since: iso(lease.acquiredAt),
            heartbeatAgeMs: takenAt - lease.heartbeat,
          },
  };
}

/**
 * The document of `status --json`, in pieces, a step a line: a study of a million steps is too long for one
 * string. A study that comes without steps is shown without them.
 */
export function* statusJson(
  studies: readonly (Pick<Snapshot, 'overview'> & Partial<Snapshot>)[],
): Generator<string> {
  yield '{"studies":[';
  for (const [index, { overview, steps }] of studies.entries()) {
    const comma = index < studies.length - 1 ? ',' : '';
    const study = JSON.stringify(overviewJson(overview));
    if (steps === undefined) {
      yield study + comma;
      continue;
    }
    yield `${study.slice(0, -1)},"steps":[`;
    for (const [position, step] of steps.entries()) {
      yield JSON.stringify(stepJson(step, overview.takenAt)) + (position < steps.length - 1 ? ',' : '');
    }
    yield `]}${comma}`;
  }
  yield ']}';
}

function stepJson(step: StepRow, now: number): Record<string, unknown> {
  const { run = null, elapsed = null } = durationsOf(step, now);
  return {
    name: step.name,
    state: step.state,
    workspace: step.workspace,
    job: step.job,
    attempts: step.attempts,
    restarts: step.restarts,
    submittedAt: iso(step.submittedAt),
    startedAt: iso(step.startedAt),
    endedAt: iso(step.endedAt),
    notBefore: iso(step.notBefore),
    runMs: run,
    elapsedMs: elapsed,
    params: Object.fromEntries(step.params),
  };
}

/** A time in ISO 8601, in UTC; null where it is not known. */
export function iso(time: number | null | undefined): string | null {
  return time === null || time === undefined ? null : new Date(time).toISOString();
}
