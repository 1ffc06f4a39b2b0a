import type { Diagnostic } from '../spec/diagnostic.ts';
import type { Specification, SpecPath } from '../spec/specification.ts';
import { localResources } from '../study/script/local-resources.ts';
import { renderScripts } from '../study/script/render-scripts.ts';
import type { ScriptProblem } from '../study/script/script-problem.ts';
import type { Expansion, StepTemplate, Study } from '../study/study.ts';
import { stepText } from '../study/text-of-step.ts';

/**
 * Renders scripts to find out what is wrong with them before anything is written. What can go wrong lies in
 * resources and launchers: where no parameter stands in those, the first step of a template speaks for all of
 * its combinations, and the check costs nothing however large the study.
 */
export function checkScripts(specification: Specification, study: Study, expansion: Expansion): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const told = new Set<string>();
  const seen = new Uint8Array(study.steps.length);
  const varies = study.steps.map(mayVary);
  for (let step = 0; step < expansion.count; step++) {
    const index = expansion.template[step]!;
    if (seen[index] === 1 && !varies[index]) continue;
    seen[index] = 1;
    const text = stepText(study, expansion, step);
    const problems = renderScripts(study.batch, text).problems;
    const local = study.batch.type === 'local' ? localResources(study.batch, text).problems : [];
    for (const problem of [...problems, ...local]) {
      const key = `${index} ${problem.path.join(' ')} ${problem.message}`;
      if (told.has(key)) continue;
      told.add(key);
      diagnostics.push(locate(specification, study.steps[index]!, text.name, problem));
    }
  }
  return diagnostics;
}

/** Whether two combinations of a step may differ in what can be wrong with their scripts. */
function mayVary({ cmd, restart, resources, args = {}, uses }: StepTemplate): boolean {
  if (uses.length === 0) return false;
  if ([...Object.values(resources), ...Object.values(args)].some((text) => text.includes('$('))) return true;
  return [cmd, restart ?? ''].some((text) => /\$\(LAUNCHER\)\[[^\]]*\$\(/.test(text));
}

function locate(
  specification: Specification,
  template: StepTemplate,
  name: string,
  { severity, message, mend, block, path }: ScriptProblem,
): Diagnostic {
  const index = specification.steps.findIndex((step) => step.name === template.name);
  const full: SpecPath = block === 'batch' ? ['batch', ...path] : ['study', Math.max(0, index), ...path];
  return { severity, at: specification.locate(full), message: `${name}: ${message}`, mend };
}
