import type { Batch } from '../../spec/specification.ts';
import type { ScriptProblem } from './script-problem.ts';
import type { StepText } from './step-text.ts';
import { typeBatch, typeResources } from './typed-resources.ts';

/** What a step takes of this machine while it runs here. */
export interface LocalResources {
  /** At least 1. */
  readonly cores: number;
  readonly gpus: number;
  /** Milliseconds that it may run; undefined is no limit. */
  readonly walltimeMs: number | undefined;
  readonly problems: readonly ScriptProblem[];
}

/**
 * What to pack and time a step by that runs on this machine: its processes times its cores per task, its gpus
 * and its walltime (read as the study's scheduler reads it).
 */
export function localResources(batch: Batch, step: Pick<StepText, 'resources'>): LocalResources {
  const problems: ScriptProblem[] = [];
  const own = typeResources(batch, step.resources, (problem) => problems.push(problem));
  const cores = localProcs(batch, own, problems) * (own.coresPerTask ?? 1);
  const { walltime } = own;
  const isLimited = walltime.kind === 'limit' && walltime.seconds > 0;
  const walltimeMs = isLimited ? Math.ceil(walltime.seconds * 1000) : undefined;
  return { cores, gpus: own.gpus ?? 0, walltimeMs, problems };
}

/** Where the batch block gives a local launcher, as many processes count as that launcher starts. */
function localProcs(
  batch: Batch,
  own: { readonly nodes: number | undefined; readonly procs: number | undefined },
  problems: ScriptProblem[],
): number {
  if (own.procs !== undefined) return own.procs;
  if (batch.type !== 'local' || !batch.launcher) return 1;
  return typeBatch(batch, (problem) => problems.push(problem)).procs ?? own.nodes ?? 1;
}
