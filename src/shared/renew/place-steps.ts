import type { Expansion, Study } from '../study/study.ts';

/** A study's graph beside the study that it was expanded from. */
export interface Expanded {
  readonly study: Study;
  readonly expansion: Expansion;
}

/** Which rows of a study the steps of another specification get. */
export interface Placement {
  /** For each step of the new expansion its row. */
  readonly rowOf: Uint32Array;
  /** For each row the step of the new expansion that has it; -1 where none has. */
  readonly stepOf: Int32Array;
}

/**
 * Finds for each step of a new expansion the row that it has had, by its name and its workspace; what was never
 * there gets a row behind all others. A row never comes to mean another step: attempts, events and jobs know steps
 * by their rows.
 */
export function placeSteps(before: Expansion, after: Expansion): Placement {
  const known = new Map<string, number>();
  for (let row = 0; row < before.count; row++) known.set(keyOf(before, row), row);
  const rowOf = new Uint32Array(after.count);
  let count = before.count;
  for (let step = 0; step < after.count; step++) rowOf[step] = known.get(keyOf(after, step)) ?? count++;
  const stepOf = new Int32Array(count).fill(-1);
  for (let step = 0; step < after.count; step++) stepOf[rowOf[step]!] = step;
  return { rowOf, stepOf };
}

function keyOf({ names, workspaces, removed }: Expansion, step: number): string {
  return `${removed?.get(step)?.workspace ?? workspaces[step]}\n${names[step]}`;
}
