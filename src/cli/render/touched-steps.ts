import { fellShort, type StepState } from '../../shared/state/states.ts';
import { FEW_STEPS, type TouchedStep } from '../repair/touched-step.ts';
import { countsText, grouped } from './overview.ts';
import { type Column, tableLines } from './table.ts';
import type { Theme } from './theme.ts';
import { printable } from './width.ts';

/** How a list of steps is to look. */
export interface TouchedOptions {
  readonly width: number | undefined;
  readonly theme: Theme;
  /** Said of a step that is touched only because it depends on a chosen one. */
  readonly follows: string;
}

const EACH: readonly Column[] = [
  { header: 'Step', isElastic: true },
  { header: 'State now' },
  { header: 'Because', isElastic: true },
];

const BY_TEMPLATE: readonly Column[] = [
  { header: 'Step', isElastic: true },
  { header: 'Steps', align: 'right' },
  { header: 'States now', isElastic: true },
];

/** Steps that a repair touches: each where they are few, else how many of each step of the specification. */
export function* touchedLines(steps: readonly TouchedStep[], options: TouchedOptions): Generator<string> {
  if (steps.length > FEW_STEPS) yield* templateLines(steps, options);
  else yield* eachLines(steps, options);
}

function* eachLines(steps: readonly TouchedStep[], options: TouchedOptions): Generator<string> {
  const { width, theme, follows } = options;
  const rows = steps.map(({ name, state, isChosen, reason }) => {
    const said = fellShort(state) ? reason : undefined;
    return [printable(name), state, printable(said ?? (isChosen ? 'asked for' : follows))];
  });
  yield* tableLines(EACH, rows, {
    width,
    theme,
    paint: (text, row, column) => (column === 1 ? theme.state(steps[row]!.state, text) : text),
  });
}

function* templateLines(steps: readonly TouchedStep[], { width, theme }: TouchedOptions): Generator<string> {
  const rows = [...countByTemplate(steps)].map(([template, counts]) => [
    printable(template),
    grouped([...counts.values()].reduce((sum, count) => sum + count, 0)),
    countsText(counts),
  ]);
  yield* tableLines(BY_TEMPLATE, rows, { width, theme });
}

function countByTemplate(steps: readonly TouchedStep[]): Map<string, Map<StepState, number>> {
  const templates = new Map<string, Map<StepState, number>>();
  for (const { template, state } of steps) {
    const counts = templates.get(template) ?? new Map<StepState, number>();
    templates.set(template, counts.set(state, (counts.get(state) ?? 0) + 1));
  }
  return templates;
}
