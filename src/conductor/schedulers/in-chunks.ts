/** Ids on one command line: 20 to 40 bytes each, far below what Linux takes, and answered within seconds. */
const IDS_AT_A_TIME = 1_000;

/** The items in pieces that fit on a command line. */
export function inChunks<Item>(items: readonly Item[], size = IDS_AT_A_TIME): Item[][] {
  const chunks: Item[][] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  return chunks;
}
