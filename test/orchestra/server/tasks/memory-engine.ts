import type { Engine } from '../../../../src/orchestra/server/engine/engine.ts';
import type { JobObservation, JobPhase } from '../../../../src/orchestra/server/engine/job-observation.ts';
import type { TaskPlan, TaskRun } from '../../../../src/orchestra/server/engine/task-plan.ts';

/** An engine without studies: jobs get as far as the test says. It outlives loops, as studies outlive servers. */
export interface MemoryEngine extends Engine {
  /** What has been asked of it, such as `make 1-1`, in order. */
  readonly calls: string[];
  readonly plans: TaskPlan[];
  /** Lets jobs of a run get to a phase, and tells whoever listens. */
  put(run: string, numbers: readonly number[], phase: JobPhase): void;
  /** Says by what error the next studies cannot be made. */
  readonly failures: Error[];
}

interface MemoryStudy {
  readonly jobs: Map<number, { phase: JobPhase; at: number }>;
  changes: number;
}

export function memoryEngine(): MemoryEngine {
  const studies = new Map<string, MemoryStudy>();
  const calls: string[] = [];
  const plans: TaskPlan[] = [];
  const failures: Error[] = [];
  let tell = (_: TaskRun): void => {};
  const keyOf = ({ id, run }: TaskRun): string => `${id}-${run}`;
  const isOver = (phase: JobPhase): boolean => phase !== 'waiting' && phase !== 'running';
  const put = (key: string, numbers: readonly number[], phase: JobPhase): void => {
    const study = studies.get(key)!;
    study.changes++;
    for (const number of numbers) study.jobs.set(number, { phase, at: study.changes });
    const [id, run] = key.split('-').map(Number);
    tell({ id: id!, run: run! });
  };
  return {
    calls,
    plans,
    failures,
    put,
    async makeStudy(plan) {
      calls.push(`make ${keyOf(plan)}`);
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      plans.push(plan);
      if (studies.has(keyOf(plan))) return;
      const jobs = plan.jobs.map(({ number }) => [number, { phase: 'waiting' as JobPhase, at: 1 }] as const);
      studies.set(keyOf(plan), { jobs: new Map(jobs), changes: 1 });
    },
    hasStudy: (task) => studies.has(keyOf(task)),
    observe(task, after) {
      const { jobs, changes } = studies.get(keyOf(task))!;
      const changed = [...jobs].filter(([, { at }]) => at > after);
      return {
        jobs: changed.map(([number, { phase }]): JobObservation => {
          const isStarted = phase !== 'waiting' && phase !== 'cancelled';
          return {
            number,
            phase,
            node: isStarted ? 'node1' : null,
            startedAt: isStarted ? 1_000 : null,
            endedAt: isOver(phase) ? 2_000 : null,
          };
        }),
        cursor: changes,
        hasEnded: [...jobs.values()].every(({ phase }) => isOver(phase)),
      };
    },
    requestKill(task) {
      calls.push(`kill ${keyOf(task)}`);
    },
    requestRetryFailed(task) {
      calls.push(`retry ${keyOf(task)}`);
      const failed = [...studies.get(keyOf(task))!.jobs].filter(([, { phase }]) => phase === 'failed');
      return failed.map(([number]) => number);
    },
    async removeStudy(task) {
      calls.push(`remove ${keyOf(task)}`);
      studies.delete(keyOf(task));
    },
    onChange(listener) {
      tell = listener;
    },
    wake() {},
    troubleOf: () => undefined,
    async close() {},
  };
}
