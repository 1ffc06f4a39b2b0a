import type { Batch } from '../../shared/spec/specification.ts';
import { fluxOption } from '../../shared/study/script/flux.ts';
import { schedulerOptions } from '../../shared/study/script/options.ts';
import { stepBatch } from '../../shared/study/script/step-batch.ts';
import type { StepText } from '../../shared/study/script/step-text.ts';
import { typeBatch, typeResources } from '../../shared/study/script/typed-resources.ts';
import { urgencyOf } from '../../shared/study/script/urgency.ts';
import type { Allocation } from './scheduler.ts';

/** What a step asks for, its batch block included. Its resources have been checked before the study began. */
export function allocationOf(common: Batch, step: StepText): Allocation {
  const { resources } = step;
  const batch = stepBatch(common, resources);
  const own = typeResources(batch, resources, () => undefined);
  const shared = typeBatch(batch, () => undefined);
  const { walltime } = own;
  const defined: { -readonly [Key in keyof Allocation]: Allocation[Key] | undefined } = {
    nodes: own.nodes ?? shared.nodes,
    procs: own.procs ?? shared.procs,
    coresPerTask: own.coresPerTask,
    gpus: own.gpus,
    walltimeSeconds: walltime.kind === 'limit' ? walltime.seconds : undefined,
    exclusive: own.exclusive,
    queue: batch.queue,
    bank: batch.bank,
    qos: resources.qos ?? batch.qos,
    reservation: resources.reservation ?? batch.reservation,
    ...(batch.type === 'flux' ? fluxAllocation(batch, step) : {}),
  };
  return Object.fromEntries(Object.entries(defined).filter(([, value]) => value !== undefined)) as Allocation;
}

/** What Flux takes as arguments where others read it in the header. */
function fluxAllocation(batch: Batch, step: StepText): Partial<Allocation> {
  const { priority, nested, waitable } = step.resources;
  const urgency = priority === undefined ? undefined : urgencyOf(priority);
  return {
    ...(urgency === undefined ? {} : { urgency }),
    nested: nested !== 'False',
    waitable: waitable === 'True',
    args: schedulerOptions(batch, step).map(fluxOption),
  };
}
