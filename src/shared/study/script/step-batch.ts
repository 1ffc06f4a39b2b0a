import type { Batch, Resources } from '../../spec/specification.ts';

/** The batch block as one step has it: a host, bank or queue that the step gives stands before the block's. */
export function stepBatch(batch: Batch, { host, bank, queue }: Resources): Batch {
  return {
    ...batch,
    ...(host && { host }),
    ...(bank && { bank }),
    ...(queue && { queue }),
  };
}
