import type { Batch, Resources } from '../../../../src/shared/spec/specification.ts';
import type { StepText } from '../../../../src/shared/study/script/step-text.ts';

/** A scheduler's batch block with the keys that schedulers require. */
export function batchOf(type: Batch['type'], more: Partial<Batch> = {}): Batch {
  return { type, shell: '/bin/bash', host: 'h', bank: 'b', queue: 'q', args: {}, ...more };
}

/** A step named `s` that runs `cmd` with the resources given. */
export function stepOf(cmd: string, resources: Resources = {}, more: Partial<StepText> = {}): StepText {
  return {
    name: 's',
    baseName: 's',
    jobName: 's',
    description: 'd',
    cmd,
    resources,
    workspace: '/study/s',
    isScheduled: resources.nodes !== undefined || resources.procs !== undefined,
    ...more,
  };
}
