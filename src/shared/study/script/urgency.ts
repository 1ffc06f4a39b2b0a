const URGENCIES: ReadonlyMap<string, number> = new Map([
  ['held', 0],
  ['minimal', 1],
  ['low', 9],
  ['medium', 16],
  ['high', 24],
  ['expedite', 31],
  ['expedited', 31],
]);

const MOST = 31;

/** Flux's urgency (0 to 31) for a step's priority: a word, or a number from 0.0 to 1.0; undefined for others. */
export function urgencyOf(priority: string): number | undefined {
  const word = URGENCIES.get(priority.trim().toLowerCase());
  if (word !== undefined) return word;
  const share = priority.trim() === '' ? Number.NaN : Number(priority);
  return share >= 0 && share <= 1 ? Math.ceil(share * MOST) : undefined;
}
