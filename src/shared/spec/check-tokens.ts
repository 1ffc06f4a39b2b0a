import { type Parents, parentsOf } from './check-depends.ts';
import { type Diagnostic, errorAt, warningAt } from './diagnostic.ts';
import { shorten } from './naming.ts';
import type { Specification, SpecPath, StepSpec } from './specification.ts';
import { didYouMean, suggestOr } from './suggest.ts';

/** Tokens that name nothing, or workspaces that are not there yet; and parameters that no token names. */
export function checkTokens(specification: Specification): Diagnostic[] {
  const uses = tokenUses(specification);
  return [
    ...checkWorkspaces(specification, uses),
    ...checkSpelling(specification, uses),
    ...checkUnused(specification, uses),
  ];
}

/** A token in a string of a step, or in an entry of `env` that such a token names. */
interface TokenUse {
  /** What stands between `$(` and `)`. */
  readonly name: string;
  /** The token in the step itself: `$(name)`, or the one that led to it. */
  readonly written: string;
  readonly step: number;
  readonly path: SpecPath;
}

function tokenUses({ steps, environment }: Specification): TokenUse[] {
  const entries = new Map(environment.map(({ name, value }) => [name, value]));
  return steps.flatMap((step, index) =>
    stringsOf(step, index).flatMap(({ path, text }) =>
      tokensIn(text).flatMap((name) =>
        [name, ...reachable(name, entries)].map((reached) => ({
          name: reached,
          written: `$(${name})`,
          step: index,
          path,
        })),
      ),
    ),
  );
}

function stringsOf(step: StepSpec, index: number): { path: SpecPath; text: string }[] {
  const { name, description, cmd, restart, depends, resources, args = {} } = step;
  const run = ['study', index, 'run'];
  return [
    { path: ['study', index, 'name'], text: name },
    { path: ['study', index, 'description'], text: description },
    { path: [...run, 'cmd'], text: cmd },
    ...(restart === undefined ? [] : [{ path: [...run, 'restart'], text: restart }]),
    ...depends.map((text, i) => ({ path: [...run, 'depends', i], text })),
    ...Object.entries(resources).map(([key, text]) => ({ path: [...run, key], text })),
    ...Object.entries(args).map(([option, text]) => ({ path: [...run, 'args', option], text })),
  ];
}

/** The names of the tokens in a text, each once. */
function tokensIn(text: string): string[] {
  return [...new Set([...text.matchAll(/\$\(([^()$]+)\)/g)].map((match) => match[1] ?? ''))];
}

/** The tokens that stand in an entry of `env`, and in the entries that it names. */
function reachable(name: string, entries: ReadonlyMap<string, string>): Set<string> {
  const reached = new Set<string>();
  const queue = [name];
  for (const next of queue) {
    for (const token of tokensIn(entries.get(next) ?? '')) {
      if (reached.has(token)) continue;
      reached.add(token);
      queue.push(token);
    }
  }
  return reached;
}

const WORKSPACE = '.workspace';

function checkWorkspaces(specification: Specification, uses: readonly TokenUse[]): Diagnostic[] {
  const { steps, locate } = specification;
  const index = new Map(steps.map(({ name }, i) => [name, i]));
  const areAllNamed = steps.every(({ name }) => name !== '');
  const lineage = new Lineage(parentsOf(specification));
  return uses.flatMap(({ name, written, step, path }): Diagnostic[] => {
    const isReplaced = path.at(-1) === 'cmd' || path.at(-1) === 'restart';
    if (!name.endsWith(WORKSPACE) || !isReplaced) return [];
    const target = name.slice(0, -WORKSPACE.length);
    const at = locate(path, written);
    const other = index.get(target);
    if (other === undefined) {
      const mend = suggestOr(target, index.keys(), 'name a step of this study');
      return areAllNamed ? [warningAt(at, `$(${shorten(name)}) names no step`, mend)] : [];
    }
    const owner = steps[step]?.name;
    if (other === step) {
      return [errorAt(at, `step '${owner}' names its own workspace by ${written}`, 'write $(WORKSPACE)')];
    }
    if (lineage.isAncestor(other, step)) return [];
    const message = `step '${owner}' names the workspace of '${target}'`;
    if (lineage.isAncestor(step, other)) {
      return [
        errorAt(at, `${message}, which waits for '${owner}'`, 'turn the dependency round, or remove one'),
      ];
    }
    return [warningAt(at, `${message} without waiting for it`, `add '${target}' to its depends`)];
  });
}

/** Who descends from whom; looked up only for pairs that a token connects. */
class Lineage {
  readonly #parents: Parents;
  readonly #ancestors = new Map<number, ReadonlySet<number>>();

  constructor(parents: Parents) {
    this.#parents = parents;
  }

  isAncestor(older: number, younger: number): boolean {
    return this.#parents[younger]?.includes(older) || this.#ancestorsOf(younger).has(older);
  }

  #ancestorsOf(step: number): ReadonlySet<number> {
    const known = this.#ancestors.get(step);
    if (known !== undefined) return known;
    const found = new Set<number>(this.#parents[step]);
    for (const next of found) for (const parent of this.#parents[next] ?? []) found.add(parent);
    this.#ancestors.set(step, found);
    return found;
  }
}

/** Upper-case tokens are hardly commands of the shell: one that is almost a name is a misspelling. */
const LOOKS_LIKE_A_NAME = /^[A-Z][A-Z0-9_]*$/;

function checkSpelling(specification: Specification, uses: readonly TokenUse[]): Diagnostic[] {
  const { environment, dependencies, parameters, locate } = specification;
  const names = new Set(['OUTPUT_PATH', 'SPECROOT', 'WORKSPACE', 'LAUNCHER']);
  for (const { name } of [...environment, ...dependencies]) names.add(name);
  for (const { key } of parameters) names.add(key);
  return uses.flatMap(({ name, written, path }): Diagnostic[] => {
    const base = name.replace(/\.(?:label|name)$/, '');
    if (!LOOKS_LIKE_A_NAME.test(base) || names.has(base)) return [];
    const near = didYouMean(base, names);
    if (near === undefined) return [];
    const mend = `did you mean $(${near}${name.slice(base.length)})?`;
    return [
      warningAt(locate(path, written), `$(${shorten(name)}) names nothing and is left to the shell`, mend),
    ];
  });
}

function checkUnused({ parameters, locate }: Specification, uses: readonly TokenUse[]): Diagnostic[] {
  const used = new Set(uses.flatMap(({ name }) => [name, name.replace(/\.(?:label|name)$/, '')]));
  return parameters
    .filter(({ key }) => !used.has(key))
    .map(({ key }) => {
      const at = locate(['global.parameters', key]);
      return warningAt(at, `no step uses parameter '${key}'`, `write $(${key}) in a step, or remove it`);
    });
}
