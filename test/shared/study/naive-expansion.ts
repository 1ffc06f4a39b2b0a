import type { Study } from '../../../src/shared/study/study.ts';

interface NaiveStep {
  readonly template: number;
  readonly row: number;
  readonly label: string;
  readonly children: NaiveStep[];
}

/**
 * The expansion as its rules are told, an object a step and an edge for each step of a funnel: slow, and
 * simple enough to be believed.
 */
export function naiveExpansion(study: Study): { template: number; row: number }[] {
  const made: NaiveStep[][] = [];
  const root: NaiveStep = { template: -1, row: 0, label: '', children: [] };
  const labelOf = (template: number, row: number) =>
    study.steps[template]!.uses.map((use) => study.parameters[use]!.labels[row]).join('.');
  for (const [template, { uses, parents, funnels }] of study.steps.entries()) {
    const steps: NaiveStep[] = [];
    const rows = uses.length === 0 ? 1 : study.parameters[uses[0]!]!.values.length;
    for (let row = 0; row < rows; row++) {
      const label = labelOf(template, row);
      if (steps.some((step) => step.label === label)) continue;
      const step: NaiveStep = { template, row, label, children: [] };
      steps.push(step);
      for (const parent of parents) {
        made[parent]!.find((other) => other.label === labelOf(parent, row))!.children.push(step);
      }
      for (const parent of funnels) for (const other of made[parent]!) other.children.push(step);
      if (parents.length + funnels.length === 0) root.children.push(step);
    }
    made.push(steps);
  }
  const order = [root];
  for (const step of order) {
    for (const child of step.children) if (!order.includes(child)) order.push(child);
  }
  return order.slice(1).map(({ template, row }) => ({ template, row }));
}
