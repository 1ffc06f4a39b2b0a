import { distance } from 'fastest-levenshtein';

/**
 * The candidate that a misspelt word most likely means, or undefined where none is near enough to be worth
 * a sentence. Case, spaces, dots, dashes and underscores do not count, two swapped letters count once, and a
 * whole part of a longer name is near (`parameters` for `global.parameters`).
 */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const bare = strip(word);
  let best: string | undefined;
  let bestDistance = allowedDistance(bare.length) + 1;
  for (const candidate of candidates) {
    const apart = distanceBetween(bare, strip(candidate));
    if (apart < bestDistance) {
      best = candidate;
      bestDistance = apart;
    }
  }
  return best ?? withPart(bare, candidates);
}

/** A mend that asks `did you mean 'x'?`, or the other one where nothing is near. */
export function suggestOr(word: string, candidates: Iterable<string>, otherwise: string): string {
  const near = didYouMean(word, candidates);
  return near === undefined ? otherwise : `did you mean '${near}'?`;
}

const strip = (word: string): string => word.toLowerCase().replace(/[\s._-]/g, '');

/** In short words every letter tells: a guess for `a` or `n2` would be noise. */
function allowedDistance(length: number): number {
  if (length < 3) return 0;
  if (length < 5) return 1;
  return length < 8 ? 2 : 3;
}

function distanceBetween(a: string, b: string): number {
  if (a.length === b.length && a.length > 2 && a !== b && sorted(a) === sorted(b)) return 1;
  return distance(a, b);
}

const sorted = (word: string): string => [...word].sort().join('');

const SHORTEST_PART = 4;

function withPart(bare: string, candidates: Iterable<string>): string | undefined {
  if (bare.length < SHORTEST_PART) return undefined;
  for (const candidate of candidates) {
    if (
      candidate
        .toLowerCase()
        .split(/[\s._-]/)
        .includes(bare)
    )
      return candidate;
  }
  return undefined;
}
