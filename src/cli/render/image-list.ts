import { momentText } from './duration.ts';
import { type Column, tableLines } from './table.ts';
import type { Theme } from './theme.ts';

/** What is told of an image. */
interface ShownImage {
  readonly name: string;
  readonly kind: 'directory' | 'sif';
  /** Unix milliseconds. */
  readonly addedAt: number;
}

const COLUMNS: readonly Column[] = [
  { header: 'Image', isElastic: true },
  { header: 'Kind' },
  { header: 'Added' },
];

/** What `orchestra image list` prints. */
export function* imageLines(
  images: readonly ShownImage[],
  { theme, width, now }: { readonly theme: Theme; readonly width: number | undefined; readonly now: number },
): Generator<string> {
  if (images.length === 0) {
    yield theme.faint('no images yet; `maestro orchestra image add NAME FILE-OR-DIRECTORY` adds one');
    return;
  }
  const rows = images.map(({ name, kind, addedAt }) => [name, kind, momentText(addedAt, now)]);
  yield* tableLines(COLUMNS, rows, { theme, width });
}
