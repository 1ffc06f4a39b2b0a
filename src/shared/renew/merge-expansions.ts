import { paramsOf } from '../study/combinations.ts';
import type { Expansion, RemovedStep } from '../study/study.ts';
import type { Expanded, Placement } from './place-steps.ts';

/** Where workspaces of removed steps go, in the study directory: there no script gathers from them. */
const REMOVED_DIRECTORY = '_removed';

/** The new expansion in the rows of the study; rows that no step has any more are kept as removed. */
export function mergeExpansions(before: Expanded, after: Expanded, placement: Placement): Expansion {
  const { rowOf, stepOf } = placement;
  const { expansion } = after;
  const count = stepOf.length;
  const template = new Uint32Array(count).fill(after.study.steps.length);
  const combination = new Uint32Array(count);
  const parentsStart = new Uint32Array(count + 1);
  const parents = new Uint32Array(expansion.parents.length);
  let edge = 0;
  for (let row = 0; row < count; row++) {
    const step = stepOf[row]!;
    if (step >= 0) {
      template[row] = expansion.template[step]!;
      combination[row] = expansion.combination[step]!;
      const end = expansion.parentsStart[step + 1]!;
      for (let at = expansion.parentsStart[step]!; at < end; at++) {
        parents[edge++] = rowOf[expansion.parents[at]!]!;
      }
    }
    parentsStart[row + 1] = edge;
  }
  return {
    count,
    template,
    combination,
    parents,
    parentsStart,
    ...nameColumns(before, expansion, placement),
  };
}

function nameColumns(
  before: Expanded,
  after: Expansion,
  { stepOf }: Placement,
): Pick<Expansion, 'names' | 'workspaces' | 'removed'> {
  const names: string[] = [];
  const workspaces: string[] = [];
  const removed = new Map<number, RemovedStep>();
  const taken = new Set<string>();
  for (const row of before.expansion.removed?.keys() ?? []) take(before.expansion.workspaces[row]!, taken);
  for (const [row, step] of stepOf.entries()) {
    if (step >= 0) {
      names.push(after.names[step]!);
      workspaces.push(after.workspaces[step]!);
      continue;
    }
    const earlier = before.expansion.removed?.get(row);
    const workspace = before.expansion.workspaces[row]!;
    names.push(before.expansion.names[row]!);
    workspaces.push(earlier === undefined ? freePlace(workspace, taken) : workspace);
    removed.set(row, earlier ?? removedStep(before, row));
  }
  return { names, workspaces, ...(removed.size > 0 && { removed }) };
}

function removedStep({ study, expansion }: Expanded, row: number): RemovedStep {
  return {
    template: study.steps[expansion.template[row]!]!.name,
    params: paramsOf(study, expansion, row),
    workspace: expansion.workspaces[row]!,
  };
}

/** Two steps that are removed one after the other may have had the same workspace. */
function freePlace(workspace: string, taken: Set<string>): string {
  const wanted = `${REMOVED_DIRECTORY}/${workspace}`;
  let place = wanted;
  for (let n = 2; taken.has(place); n++) place = `${wanted}_${n}`;
  take(place, taken);
  return place;
}

/** The directory above is taken too: it cannot be another workspace, of a step that has had no parameters. */
function take(place: string, taken: Set<string>): void {
  taken.add(place).add(place.slice(0, place.lastIndexOf('/')));
}
