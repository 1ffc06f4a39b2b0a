import { execa } from 'execa';
import type { FastifyBaseLogger } from 'fastify';
import type { ConcreteRuntime } from './runtime.ts';

/** How long a runtime may take to list or to end containers, in milliseconds. */
const SWEEP_LIMIT_MS = 60_000;

/** Runtimes whose containers outlive whoever has started them. */
const OUTLIVING = ['podman', 'docker'] as const satisfies readonly ConcreteRuntime[];

/** The job that a container is of, by its name. */
export interface ContainerJob {
  readonly id: number;
  readonly run: number;
  readonly number: number;
}

/** Reads the name that a job's container has; undefined for any other container's. */
export function jobOfContainer(name: string, clusterName: string): ContainerJob | undefined {
  if (!name.startsWith(`${clusterName}-`)) return undefined;
  const numbers = /^(\d+)-(\d+)-(\d+)$/.exec(name.slice(clusterName.length + 1));
  if (numbers === null) return undefined;
  return { id: Number(numbers[1]), run: Number(numbers[2]), number: Number(numbers[3]) };
}

/**
 * Ends the containers of jobs that are gone: a machine that has lost its power, or a job that was killed without a
 * warning, may have left some.
 */
export async function sweepContainers(
  clusterName: string,
  runtimes: readonly ConcreteRuntime[],
  { isGone, log }: { readonly isGone: (job: ContainerJob) => boolean; readonly log: FastifyBaseLogger },
): Promise<void> {
  const options = { reject: false, timeout: SWEEP_LIMIT_MS, stdin: 'ignore' } as const;
  for (const runtime of OUTLIVING.filter((name) => runtimes.includes(name))) {
    const { stdout } = await execa(runtime, ['ps', '--all', '--format', '{{.Names}}'], options);
    const left = stdout.split('\n').filter((name) => {
      const job = jobOfContainer(name, clusterName);
      return job !== undefined && isGone(job);
    });
    if (left.length === 0) continue;
    log.warn({ runtime, containers: left }, 'ending containers whose jobs are gone');
    await execa(runtime, ['rm', '--force', ...left], options);
  }
}
