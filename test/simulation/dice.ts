/** Numbers drawn from a seed: the same seed draws the same numbers, on every machine. */
export interface Dice {
  /** From 0 up to, not including, 1. */
  fraction(): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** Like `between`, but small numbers as often as large ones: each power of two has the same share. */
  spread(least: number, most: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
}

/** Dice for a seed, and for any further numbers that tell their use from other uses of the same seed. */
export function diceOf(...seeds: readonly number[]): Dice {
  let state = 0x9e3779b9;
  for (const seed of seeds) state = mix(state ^ mix(seed | 0) ^ mix(Math.floor(seed / 2 ** 32) | 0));
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    return (mix(state) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number): number =>
    least + Math.floor(fraction() * (most - least + 1));
  return {
    fraction,
    between,
    spread(least, most) {
      const low = Math.log2(least + 1);
      return Math.round(2 ** (low + fraction() * (Math.log2(most + 1) - low)) - 1);
    },
    chance: (probability) => fraction() < probability,
    pick: (items) => items[between(0, items.length - 1)]!,
  };
}

/** Murmur's finalizer: each bit of the answer depends on each bit of the number. */
function mix(number: number): number {
  let mixed = number | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
