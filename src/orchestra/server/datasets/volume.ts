import { join } from 'node:path';
import { ownerOfName } from '../../names.ts';
import type { DataDirectory } from '../data-directory.ts';

/**
 * The directory of a dataset or task on the cluster's volume, which containers see as `/volume`. Throws a Refusal
 * for a name that no dataset may have, so that no name leads out of the volume.
 */
export function volumeDirectory(directory: DataDirectory, datasetName: string): string {
  return join(directory.volume, ownerOfName(datasetName, 'dataset'), datasetName);
}
