import type { Parameter } from '../spec/specification.ts';
import type { Expansion, Study } from './study.ts';

/** The distinct combinations of some of a study's parameters, in the order of their first rows. */
export interface Combinations {
  /** Labels joined with `.`; one empty name where there are no parameters. */
  readonly names: readonly string[];
  /** The row of parameter values that each stands for: the first with its name. */
  readonly rows: Uint32Array;
  /** For each row of parameter values the combination that it belongs to. */
  readonly ofRow: Uint32Array;
}

/** How many rows of values a study's parameters have; a study without parameters has one, of nothing. */
export function rowCount(parameters: readonly Parameter[]): number {
  return parameters[0]?.values.length ?? 1;
}

/** The labels of a row, joined: `SIZE.10.ITER.2`. `uses` are indexes into the parameters. */
export function combinationName(
  parameters: readonly Parameter[],
  uses: readonly number[],
  row: number,
): string {
  let name = '';
  for (const [position, use] of uses.entries()) {
    const label = parameters[use]!.labels[row]!;
    name = position === 0 ? label : `${name}.${label}`;
  }
  return name;
}

/** All combinations of the parameters used; rows that come out with the name of an earlier one belong to it. */
export function combinationsOf(parameters: readonly Parameter[], uses: readonly number[]): Combinations {
  const total = rowCount(parameters);
  const ofRow = new Uint32Array(total);
  if (uses.length === 0) return { names: [''], rows: new Uint32Array(1), ofRow };
  const names: string[] = [];
  const rows: number[] = [];
  const known = new Map<string, number>();
  for (let row = 0; row < total; row++) {
    const name = combinationName(parameters, uses, row);
    let combination = known.get(name);
    if (combination === undefined) {
      combination = names.length;
      known.set(name, combination);
      names.push(name);
      rows.push(row);
    }
    ofRow[row] = combination;
  }
  return { names, rows: Uint32Array.from(rows), ofRow };
}

/** Computes the combinations of each set of parameters once, however many steps use it. */
export function combinationsBySet(
  parameters: readonly Parameter[],
): (uses: readonly number[]) => Combinations {
  const known = new Map<string, Combinations>();
  return (uses) => {
    const key = uses.join();
    let combinations = known.get(key);
    if (combinations === undefined) {
      combinations = combinationsOf(parameters, uses);
      known.set(key, combinations);
    }
    return combinations;
  };
}

/** The key and value of each parameter that a step uses, ordered by key. */
export function paramsOf(
  study: Study,
  expansion: Expansion,
  step: number,
): readonly (readonly [key: string, value: string])[] {
  const removed = expansion.removed?.get(step);
  if (removed !== undefined) return removed.params;
  const row = expansion.combination[step]!;
  return study.steps[expansion.template[step]!]!.uses.map((use) => {
    const { key, values } = study.parameters[use]!;
    return [key, values[row]!] as const;
  });
}
