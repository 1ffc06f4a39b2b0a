import { fateClause } from '../../shared/renew/fate-words.ts';
import type { Fate } from '../../shared/renew/fates.ts';
import { paramsOf } from '../../shared/study/combinations.ts';
import type { RenewalProspect } from '../repair/renewal-prospect.ts';
import { grouped, stepsText } from './overview.ts';
import { type Column, tableLines } from './table.ts';
import type { Theme } from './theme.ts';
import { printable } from './width.ts';

/** How a prospect is to look. */
interface RenewalOptions {
  readonly width: number | undefined;
  readonly theme: Theme;
}

/** More steps than this are shown by their numbers. */
const FEW_STEPS = 24;

const WHAT: Readonly<Record<Fate['kind'], string>> = {
  kept: 'kept',
  waits: 'not begun',
  again: 'runs again',
  new: 'new',
  back: 'new',
  removed: 'removed',
  gone: 'removed',
};

const EACH: readonly Column[] = [
  { header: 'Step', isElastic: true },
  { header: 'Combination', isElastic: true },
  { header: 'State now' },
  { header: 'What' },
  { header: 'Why', isElastic: true },
];

const BY_TEMPLATE: readonly Column[] = [
  { header: 'Step', isElastic: true },
  { header: 'Steps', align: 'right' },
  { header: 'What' },
  { header: 'Why', isElastic: true },
];

/** What another specification does to a study: a table of the steps that it touches, and a line for all. */
export function* renewalLines(prospect: RenewalProspect, options: RenewalOptions): Generator<string> {
  const touched = touchedRows(prospect);
  const { directory } = prospect.known.overview;
  yield `${directory}: ${summaryText(prospect)}`;
  if (touched.length === 0) return;
  yield '';
  if (touched.length > FEW_STEPS) yield* templateLines(prospect, touched, options);
  else yield* eachLines(prospect, touched, options);
}

/** `3 steps run again, 1 is new; 12 keep their results`. */
function summaryText({ renewal: { fates } }: RenewalProspect): string {
  const count = (...kinds: readonly Fate['kind'][]) =>
    fates.filter(({ kind }) => kinds.includes(kind)).length;
  const parts = [
    [count('again'), 'run again', 'runs again'],
    [count('new', 'back'), 'are new', 'is new'],
    [count('removed'), 'are removed', 'is removed'],
    [count('kept'), 'keep their results', 'keeps its result'],
    [count('waits'), 'have not begun', 'has not begun'],
  ] as const;
  const [first = 'no steps', ...rest] = parts
    .filter(([steps]) => steps > 0)
    .map(([steps, many, one], index) => {
      const what = steps === 1 ? one : many;
      return index === 0 ? `${stepsText(steps)} ${what}` : `${grouped(steps)} ${what}`;
    });
  return [first, ...rest].join(', ');
}

/** Rows for which something changes. */
function touchedRows({ renewal: { fates } }: RenewalProspect): number[] {
  return fates.flatMap((fate, row) => {
    const isUntouched =
      fate.kind === 'gone' || ((fate.kind === 'kept' || fate.kind === 'waits') && fate.change === undefined);
    return isUntouched ? [] : [row];
  });
}

function* eachLines(
  prospect: RenewalProspect,
  touched: readonly number[],
  { width, theme }: RenewalOptions,
): Generator<string> {
  const { states } = prospect.known;
  const { fates, expansion } = prospect.renewal;
  const rows = touched.map((row) => [
    printable(templateOf(prospect, row)),
    printable(paramsTextOf(prospect, row)),
    states[row] ?? '',
    WHAT[fates[row]!.kind],
    printable(fateClause(fates[row]!, (of) => expansion.names[of]!)),
  ]);
  const paint = (text: string, line: number, column: number): string => {
    const row = touched[line]!;
    if (column === 2 && row < states.length) return theme.state(states[row]!, text);
    return column === 3 ? paintFate(fates[row]!, text, theme) : text;
  };
  yield* tableLines(EACH, rows, { width, theme, paint });
}

function paintFate({ kind }: Fate, text: string, theme: Theme): string {
  if (kind === 'removed') return theme.warning(text);
  if (kind === 'new' || kind === 'back') return theme.good(text);
  return kind === 'again' ? theme.active(text) : text;
}

function* templateLines(
  prospect: RenewalProspect,
  touched: readonly number[],
  { width, theme }: RenewalOptions,
): Generator<string> {
  const { fates } = prospect.renewal;
  const groups = new Map<string, { readonly first: number; count: number }>();
  for (const row of touched) {
    const key = [templateOf(prospect, row), fates[row]!.kind, manyClause(fates[row]!)].join('\n');
    const group = groups.get(key) ?? { first: row, count: 0 };
    group.count++;
    groups.set(key, group);
  }
  const found = [...groups.values()];
  const rows = found.map(({ first, count }) => [
    printable(templateOf(prospect, first)),
    grouped(count),
    WHAT[fates[first]!.kind],
    manyClause(fates[first]!),
  ]);
  yield* tableLines(BY_TEMPLATE, rows, {
    width,
    theme,
    paint: (text, line, column) => (column === 2 ? paintFate(fates[found[line]!.first]!, text, theme) : text),
  });
}

/** Why, of many steps at once: each has a parent of its own. */
function manyClause(fate: Fate): string {
  return fateClause(fate, () => 'a step');
}

function templateOf({ renewal: { study, expansion } }: RenewalProspect, row: number): string {
  return expansion.removed?.get(row)?.template ?? study.steps[expansion.template[row]!]!.name;
}

function paramsTextOf({ renewal: { study, expansion } }: RenewalProspect, row: number): string {
  return paramsOf(study, expansion, row)
    .map(([key, value]) => `${key}:${value}`)
    .join(' ');
}

/** The prospect as `--json` shows it, in pieces: the steps that are touched, and how many have which fate. */
export function* renewalJson(prospect: RenewalProspect): Generator<string> {
  const { known, renewal } = prospect;
  const { study, expansion, fates } = renewal;
  const counts: Record<string, number> = {};
  for (const fate of fates) counts[jsonFate(fate)] = (counts[jsonFate(fate)] ?? 0) + 1;
  const { directory, summary } = known.overview;
  const head = JSON.stringify({ name: summary.name, directory, counts });
  yield `${head.slice(0, -1)},"steps":[`;
  let comma = '';
  for (const row of touchedRows(prospect)) {
    const fate = fates[row]!;
    const step = {
      name: expansion.names[row],
      step: templateOf(prospect, row),
      params: Object.fromEntries(paramsOf(study, expansion, row)),
      workspace: expansion.workspaces[row],
      state: known.states[row] ?? null,
      fate: jsonFate(fate),
      why: fateClause(fate, (of) => expansion.names[of]!),
    };
    yield `${comma}${JSON.stringify(step)}`;
    comma = ',';
  }
  yield ']}';
}

/** A program need not know that a step that is new to the specification was in an earlier one. */
function jsonFate({ kind }: Fate): string {
  return kind === 'back' ? 'new' : kind;
}
