import type { Expansion, Study } from './study.ts';

/**
 * Tells of a step all steps that it waits for, by their rows: combination by combination, and all combinations of
 * those that it awaits as a funnel. What it needs to know of the whole study is found once.
 */
export function parentsReader(study: Study, expansion: Expansion): (step: number) => number[] {
  const { template, parents, parentsStart } = expansion;
  const rowsOf = new Map<number, number[]>(
    study.steps.flatMap(({ funnels }) => funnels.map((funnel) => [funnel, []] as const)),
  );
  for (let row = 0; row < expansion.count; row++) rowsOf.get(template[row]!)?.push(row);
  return (step) => [
    ...parents.subarray(parentsStart[step], parentsStart[step + 1]),
    ...(study.steps[template[step]!]?.funnels ?? []).flatMap((funnel) => rowsOf.get(funnel)!),
  ];
}
