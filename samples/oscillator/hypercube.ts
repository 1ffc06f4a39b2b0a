/**
 * A Latin hypercube: `count` points, spread so that each parameter has one in each of `count` slices of its range.
 *
 *     maestro run samples/oscillator/oscillator.yaml --pgen samples/oscillator/hypercube.ts --pargs count:12
 */
import { ParameterGenerator, type StudyEnvironment } from 'maestro-conductor';

/** `env` is the env block of the specification, `pargs` are the --pargs, all texts. May be async. */
export function getCustomGenerator(env: StudyEnvironment, pargs: Record<string, string>): ParameterGenerator {
  const count = Number(pargs.count ?? 8);
  const random = mulberry32(Number(pargs.seed ?? 1));
  const slowest = Number(env.find('SLOWEST')?.value ?? 0.5);
  const fastest = Number(env.find('FASTEST')?.value ?? 4);

  const names = Array.from({ length: count }, (_, point) => `point-${point + 1}`);
  return (
    new ParameterGenerator()
      // A label may be one text with %% for the value, or a list with a label for each value.
      .addParameter('DAMPING', slices(count, 0.1, 2, random), names)
      .addParameter('FREQUENCY', slices(count, slowest, fastest, random), 'F.%%')
  );
}

/** One random value from each of `count` slices of a range, in random order. */
function slices(count: number, from: number, to: number, random: () => number): number[] {
  const values = Array.from(
    { length: count },
    (_, slice) => from + ((slice + random()) / count) * (to - from),
  );
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [values[last], values[other]] = [values[other]!, values[last]!];
  }
  return values.map((value) => Number(value.toFixed(3)));
}

/** Random numbers that are the same for the same seed, so that a study can be made again. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
