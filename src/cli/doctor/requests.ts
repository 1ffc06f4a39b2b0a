import type { StepText } from '../../shared/study/script/step-text.ts';
import type { Expansion, StepTemplate, Study } from '../../shared/study/study.ts';
import { stepText } from '../../shared/study/text-of-step.ts';

/** Steps of one template that ask for the very same, in the words of the first of them. */
export interface StepRequest {
  readonly template: StepTemplate;
  readonly text: StepText;
  /** How many steps ask for it, */
  readonly count: number;
  /** of how many that the template has. */
  readonly of: number;
}

/** What the steps of a study ask for, each request once however many steps make it. */
export function stepRequests(study: Study, expansion: Expansion): StepRequest[] {
  // Scripts are of no interest here, and the texts of a million would take their time.
  const bare = { ...study, steps: study.steps.map(withoutTexts) };
  const requests = bare.steps.map(() => new Map<string, { text: StepText; count: number }>());
  const isVarying = bare.steps.map(mayVary);
  for (let step = 0; step < expansion.count; step++) {
    const index = expansion.template[step]!;
    const known = requests[index]!;
    const [only] = known.values();
    if (only !== undefined && !isVarying[index]) {
      only.count++;
      continue;
    }
    const text = stepText(bare, expansion, step);
    const key = JSON.stringify([text.resources, text.args]);
    const same = known.get(key);
    if (same === undefined) known.set(key, { text, count: 1 });
    else same.count++;
  }
  return requests.flatMap((known, index) => {
    const of = [...known.values()].reduce((sum, { count }) => sum + count, 0);
    return [...known.values()].map((request) => ({ ...request, of, template: study.steps[index]! }));
  });
}

function withoutTexts({ restart: _, ...step }: StepTemplate): StepTemplate {
  return { ...step, cmd: '', description: '' };
}

function mayVary({ resources, args = {}, uses }: StepTemplate): boolean {
  return (
    uses.length > 0 &&
    [...Object.values(resources), ...Object.values(args)].some((text) => text.includes('$('))
  );
}
