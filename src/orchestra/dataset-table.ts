import Table from 'cli-table3';
import type { Dataset } from './api/datasets.ts';
import { sizeText } from './size-text.ts';

/** Datasets as the table that `castor list` prints, on the terminal and to older clients. */
export function datasetTable(datasets: readonly Dataset[]): string {
  const table = new Table({
    head: ['Username', 'Dataset', 'Files', 'Size'],
    colAligns: ['left', 'left', 'right', 'right'],
    // Colours are for terminals, and older clients print this as it is.
    style: { head: [], border: [] },
  });
  for (const { owner, name, files, size } of datasets) table.push([owner, name, files, sizeText(size)]);
  return table.toString();
}
