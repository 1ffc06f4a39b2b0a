import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Batch } from '../shared/spec/specification.ts';
import type { Capacity } from './dispatch.ts';

/**
 * What this machine gives to a study: what `batch.cores` and `batch.gpus` say, else the cores that this
 * process may use and the gpus that have a device file.
 */
export function capacityOf(batch: Batch): Capacity {
  const isLocal = batch.type === 'local';
  const gpus = isLocal ? batch.gpus : undefined;
  return {
    cores: (isLocal ? batch.cores : undefined) ?? availableParallelism(),
    gpus: gpus === undefined ? countGpus() : Number(gpus),
  };
}

/** The kernel's drivers show each card as a device: `/dev/nvidia0` by NVIDIA's, `/dev/dri/renderD128` by others. */
function countGpus(): number {
  const nvidia = entriesOf('/dev').filter((name) => /^nvidia\d+$/.test(name)).length;
  if (nvidia > 0) return nvidia;
  return entriesOf('/sys/class/kfd/kfd/topology/nodes').length > 0 ? amdCards() : 0;
}

/** AMD's compute driver renders one node a card. */
function amdCards(): number {
  return entriesOf('/dev/dri').filter((name) => name.startsWith('renderD')).length;
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
