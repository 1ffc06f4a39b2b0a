import { formatDiagnostic } from '../../../src/shared/spec/diagnostic.ts';
import { readSpecification } from '../../../src/shared/spec/read.ts';
import type { Specification } from '../../../src/shared/spec/specification.ts';

/** What is told of a text, as `line:column: …`, without the name of its file. */
export function diagnose(text: string): string[] {
  return readSpecification('s', text).diagnostics.map((diagnostic) =>
    formatDiagnostic(diagnostic).replace(/^s:/, ''),
  );
}

/** The specification that a text is; a failure that tells why where it is none. */
export function specificationOf(text: string): Specification {
  const { specification } = readSpecification('s', text);
  if (specification === undefined) throw new Error(`no specification:\n${diagnose(text).join('\n')}`);
  return specification;
}

const HEAD = 'description: {name: n, description: d}\n';

/** A study of one-line steps, the first on line 3: `steps('{name: a, …}', …)`. */
export function steps(...lines: readonly string[]): string {
  return `${HEAD}study:\n${lines.map((line) => `  - ${line}\n`).join('')}`;
}

/** A study of a step `a` whose run block has these lines, from line 7 on, after its cmd. */
export function run(...lines: readonly string[]): string {
  const block = ['cmd: echo', ...lines].map((line) => `      ${line}\n`).join('');
  return `${HEAD}study:\n  - name: a\n    description: x\n    run:\n${block}`;
}

/** A study of one step with a cmd, and what follows after it from line 4 on. */
export function oneStep(cmd: string, ...rest: readonly string[]): string {
  const step = `  - {name: a, description: x, run: {cmd: "${cmd}"}}\n`;
  return `${HEAD}study:\n${step}${rest.map((line) => `${line}\n`).join('')}`;
}
