import Table from 'cli-table3';
import type { Dataset, DatasetFile } from './api/datasets.ts';
import { sizeText } from './size-text.ts';

/** Datasets as the table that `castor list` prints, on the terminal and to older clients. */
export function datasetTable(datasets: readonly Dataset[]): string {
  const table = plainTable(['Username', 'Dataset', 'Files', 'Size'], [2, 3]);
  for (const { owner, name, files, size } of datasets) table.push([owner, name, files, sizeText(size)]);
  return table.toString();
}

/** The files of a dataset as a table. */
export function fileTable(contents: readonly DatasetFile[]): string {
  const table = plainTable(['File', 'Size', 'SHA-256'], [1]);
  for (const { path, size, sha256, rotten } of contents) {
    table.push([path, sizeText(size), rotten ? 'lost; upload it again' : (sha256 ?? '')]);
  }
  return table.toString();
}

/** Colours are for terminals, and older clients print tables as they are. */
function plainTable(head: string[], rightAligned: readonly number[]): Table.Table {
  return new Table({
    head,
    colAligns: head.map((_, column) => (rightAligned.includes(column) ? 'right' : 'left')),
    style: { head: [], border: [] },
  });
}
