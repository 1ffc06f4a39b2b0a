import { play } from './play.ts';
import type { Scenario, StudyPlan, TemplatePlan } from './scenario.ts';

/** Tries are cheap, and yet nobody waits for the last crumb. */
const TRIES = 400;

/** A smaller scenario that fails in the same way. */
export interface Shrunk {
  readonly scenario: Scenario;
  readonly tries: number;
}

/** The kind of a violation: what is left of it without its numbers. */
export function kindOf(violations: readonly string[]): string | undefined {
  const [first] = violations;
  return first === undefined ? undefined : first.split('\n', 1)[0]!.replaceAll(/\d+/g, 'N');
}

/**
 * Takes away what a failure does not need: faults first, then templates, then steps and resources. Ends when
 * nothing more can go, or after so many tries.
 */
export async function shrink(
  scenario: Scenario,
  kind: string,
  violationsOf = async (tried: Scenario) => (await play(tried)).violations,
): Promise<Shrunk> {
  let smallest = scenario;
  let tries = 0;
  for (let hasShrunk = true; hasShrunk && tries < TRIES; ) {
    hasShrunk = false;
    for (const smaller of smallerScenarios(smallest)) {
      if (tries++ >= TRIES) break;
      if (kindOf(await violationsOf(smaller)) !== kind) continue;
      smallest = smaller;
      hasShrunk = true;
      break;
    }
  }
  return { scenario: smallest, tries };
}

function* smallerScenarios(scenario: Scenario): Iterable<Scenario> {
  const { faults, study } = scenario;
  const half = Math.ceil(faults.length / 2);
  if (faults.length > 3) {
    yield { ...scenario, faults: faults.slice(half) };
    yield { ...scenario, faults: faults.slice(0, half) };
  }
  for (const fault of faults) yield { ...scenario, faults: faults.filter((other) => other !== fault) };
  for (let template = study.templates.length - 1; template >= 0; template--) {
    if (study.templates.length > 1) yield { ...scenario, study: without(study, template) };
  }
  for (const [index, template] of study.templates.entries()) {
    for (const simpler of simplerTemplates(template, study)) {
      const templates = study.templates.with(index, simpler);
      yield { ...scenario, study: { ...study, templates } };
    }
  }
  const plain = { failing: 0, gpus: 0, arrays: false };
  for (const [key, value] of Object.entries(plain)) {
    if (study[key as keyof typeof plain] !== value) yield { ...scenario, study: { ...study, [key]: value } };
  }
  if (scenario.cluster.noise > 0) yield { ...scenario, cluster: { ...scenario.cluster, noise: 0 } };
}

/** A study without one of its templates: those that await it await one less. */
function without(study: StudyPlan, removed: number): StudyPlan {
  const renumber = (parents: readonly number[]): number[] =>
    parents.filter((parent) => parent !== removed).map((parent) => (parent > removed ? parent - 1 : parent));
  const templates = study.templates
    .filter((_, index) => index !== removed)
    .map((template) => ({
      ...template,
      parents: renumber(template.parents),
      funnels: renumber(template.funnels),
    }));
  return { ...study, templates };
}

function* simplerTemplates(template: TemplatePlan, { templates }: StudyPlan): Iterable<TemplatePlan> {
  const { steps, parents, funnels, cores, gpus, walltime } = template;
  const isPlainParent = templates.some((other) => other.parents.includes(templates.indexOf(template)));
  const hasPlainParents = parents.some((parent) => templates[parent]!.steps > 1);
  if (steps > 1 && !isPlainParent && !hasPlainParents) {
    yield { ...template, steps: 1 };
    yield { ...template, steps: steps - 1 };
  }
  if (parents.length > 0) yield { ...template, parents: [] };
  if (funnels.length > 0) yield { ...template, funnels: [] };
  if (cores > 1) yield { ...template, cores: 1 };
  if (gpus > 0) yield { ...template, gpus: 0 };
  const { retry, ...impatient } = template;
  if (retry !== undefined) yield impatient;
  if (walltime > 0) yield { ...template, walltime: 0, hasRestart: false };
}
