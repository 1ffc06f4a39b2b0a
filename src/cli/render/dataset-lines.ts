import type { Dataset, DatasetFile } from '../../orchestra/api/datasets.ts';
import { sizeText } from '../../orchestra/size-text.ts';
import { type Column, tableLines } from './table.ts';
import type { Theme } from './theme.ts';

/** How the lines are to look. */
interface Looks {
  readonly theme: Theme;
  /** Columns of the terminal; absent: as wide as the lines need. */
  readonly width: number | undefined;
}

const DATASET_COLUMNS: readonly Column[] = [
  { header: 'Username' },
  { header: 'Dataset', isElastic: true },
  { header: 'Files', align: 'right' },
  { header: 'Size', align: 'right' },
];

const FILE_COLUMNS: readonly Column[] = [
  { header: 'File', isElastic: true },
  { header: 'Size', align: 'right' },
  { header: 'SHA-256' },
];

/** What `castor list` prints. */
export function* datasetLines(datasets: readonly Dataset[], looks: Looks): Generator<string> {
  if (datasets.length === 0) {
    yield looks.theme.faint('no datasets yet; `maestro castor upload` makes one');
    return;
  }
  const rows = datasets.map(({ owner, name, files, size }) => [owner, name, String(files), sizeText(size)]);
  yield* tableLines(DATASET_COLUMNS, rows, looks);
}

/** The files of a dataset, as `castor show` prints them. */
export function* fileLines(contents: readonly DatasetFile[], looks: Looks): Generator<string> {
  const rows = contents.map(({ path, size, sha256, rotten }) => [
    path,
    sizeText(size),
    rotten ? 'lost; upload it again' : (sha256 ?? ''),
  ]);
  yield* tableLines(FILE_COLUMNS, rows, looks);
}
