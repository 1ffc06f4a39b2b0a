import type { Parameter } from '../spec/specification.ts';
import { combinationsOf } from './combinations.ts';
import type { Finding, Report } from './report.ts';

/** Two rows of values that come out as one combination. */
interface Collision {
  readonly name: string;
  readonly first: number;
  readonly second: number;
  /** How many rows more are lost in this way. */
  readonly others: number;
}

/**
 * Warns of labels that make one combination of two: only the first of them becomes a step. `uses` are the sets
 * of parameters of the steps.
 */
export function checkLabels(
  parameters: readonly Parameter[],
  uses: readonly (readonly number[])[],
  report: Report,
): void {
  for (const index of [...new Set(uses.flat())].sort((a, b) => a - b)) {
    const { values } = parameters[index]!;
    const collision = firstCollision(parameters, [index], (row, first) => values[row] === values[first]);
    if (collision) report(ofOneParameter(parameters[index]!, collision));
  }
  const sets = new Map(uses.map((set) => [set.join(), set]));
  for (const set of sets.values()) {
    if (set.length < 2) continue;
    const areSame = (row: number, first: number) => {
      return set.every((use) => parameters[use]!.labels[row] === parameters[use]!.labels[first]);
    };
    const collision = firstCollision(parameters, set, areSame);
    if (collision) {
      const used = set.map((use) => parameters[use]!);
      report(ofSeveralParameters(used, collision));
    }
  }
}

/** The first two rows with one name that are not the same. */
function firstCollision(
  parameters: readonly Parameter[],
  set: readonly number[],
  areSame: (row: number, first: number) => boolean,
): Collision | undefined {
  const { rows, ofRow, names } = combinationsOf(parameters, set);
  let found: Omit<Collision, 'others'> | undefined;
  let others = 0;
  for (let row = 0; row < ofRow.length; row++) {
    const first = rows[ofRow[row]!]!;
    if (first === row || areSame(row, first)) continue;
    if (found === undefined) found = { name: names[ofRow[row]!]!, first, second: row };
    else others++;
  }
  return found && { ...found, others };
}

function ofOneParameter({ key, values }: Parameter, { name, first, second, others }: Collision): Finding {
  const both = `'${values[first]}' and '${values[second]}'`;
  return {
    severity: 'warning',
    path: ['global.parameters', key, 'label', second],
    message: `two values of '${key}', ${both}, have the label '${name}'${andMore(others)}, and steps that use no other parameter are made for the first only`,
    mend: 'give each value a label of its own, with %% in it',
  };
}

function ofSeveralParameters(
  used: readonly Parameter[],
  { name, first, second, others }: Collision,
): Finding {
  const labels = (row: number) => used.map((parameter) => `'${parameter.labels[row]}'`).join(' with ');
  return {
    severity: 'warning',
    path: ['global.parameters', used[0]!.key, 'label', second],
    message: `labels ${labels(first)} and ${labels(second)} both make the combination '${name}'${andMore(others)}, and steps are made for the first only`,
    mend: 'make it clear in the labels where each of them begins, as KEY.%% does',
  };
}

function andMore(others: number): string {
  return others === 0 ? '' : ` (and ${others} more are like this)`;
}
