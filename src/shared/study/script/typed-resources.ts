import type { Batch, ResourceKey, Resources } from '../../spec/specification.ts';
import type { Report, ScriptProblem } from './script-problem.ts';
import { parseWalltime, type Walltime } from './walltime.ts';

/**
 * What a step itself asks for, after its tokens became values. What was left out, or came out as False, None,
 * 0 or nothing, is undefined.
 */
export interface TypedResources {
  readonly nodes: number | undefined;
  readonly procs: number | undefined;
  readonly coresPerTask: number | undefined;
  readonly gpus: number | undefined;
  readonly tasksPerRs: number | undefined;
  readonly rsPerNode: number | undefined;
  readonly cpusPerRs: number | undefined;
  readonly exclusive: boolean;
  readonly walltime: Exclude<Walltime, { kind: 'unreadable' }>;
}

const WHOLE_NUMBER = /^\d{1,9}$/;
const NOTHING = /^(?:|false|none)$/i;
const YES = /^(?:true|yes|on|1)$/i;
const NO = /^(?:|false|no|off|0|none)$/i;

/** Reads the resources that scripts and packing depend on; what cannot be read is reported, and undefined. */
export function typeResources(batch: Batch, resources: Resources, report: Report): TypedResources {
  const count = (key: ResourceKey) => readCount(resources[key], key, 'step', report);
  return {
    nodes: count('nodes'),
    procs: count('procs'),
    coresPerTask: count('cores per task'),
    gpus: count('gpus'),
    tasksPerRs: count('tasks per rs'),
    rsPerNode: count('rs per node'),
    cpusPerRs: count('cpus per rs'),
    exclusive: readExclusive(resources.exclusive, report),
    walltime: readWalltime(batch, resources.walltime, report),
  };
}

/** Reads nodes and procs of the batch block: what steps get that do not say it themselves. */
export function typeBatch(batch: Batch, report: Report): Pick<TypedResources, 'nodes' | 'procs'> {
  return {
    nodes: readCount(batch.nodes, 'nodes', 'batch', report),
    procs: readCount(batch.procs, 'procs', 'batch', report),
  };
}

function readCount(
  text: string | undefined,
  key: ResourceKey,
  block: ScriptProblem['block'],
  report: Report,
): number | undefined {
  if (text === undefined) return undefined;
  const trimmed = text.trim();
  if (WHOLE_NUMBER.test(trimmed)) return Number(trimmed) || undefined;
  if (NOTHING.test(trimmed)) return undefined;
  const message = `${key} is ${JSON.stringify(text)}, which is no whole number from 0 to 999999999`;
  const mend = 'give a number, or a parameter or variable whose values are numbers';
  report({ severity: 'error', message, mend, block, path: block === 'step' ? ['run', key] : [key] });
  return undefined;
}

function readExclusive(text: string | undefined, report: Report): boolean {
  if (text === undefined) return false;
  const trimmed = text.trim();
  const isYes = YES.test(trimmed);
  if (!isYes && !NO.test(trimmed)) {
    const message = `exclusive is ${JSON.stringify(text)}, which is neither true nor false`;
    const mend = 'give true or false, or a parameter or variable whose values are';
    report({ severity: 'error', message, mend, block: 'step', path: ['run', 'exclusive'] });
  }
  return isYes;
}

function readWalltime(batch: Batch, text: string | undefined, report: Report): TypedResources['walltime'] {
  if (text === undefined) return { kind: 'unsaid' };
  const walltime = parseWalltime(text, batch.type);
  if (walltime.kind !== 'unreadable') return walltime;
  const message = `walltime is ${JSON.stringify(text)}, which is no time that can be read`;
  const mend = 'give minutes (90), a clock time ("1:30:00", "2-12:00:00") or a unit (90s, 5m, 1h)';
  report({ severity: 'error', message, mend, block: 'step', path: ['run', 'walltime'] });
  return { kind: 'unsaid' };
}
