import type { Location } from '../errors.ts';
import { type Diagnostic, errorAt, warningAt } from './diagnostic.ts';
import type { Specification } from './specification.ts';

/** Names in the study directory that are Maestro's own. */
const RESERVED_STEPS: ReadonlySet<string> = new Set([
  '_source',
  'meta',
  'logs',
  '.maestro',
  'status.csv',
  'batch.info',
  '.cancel.lock',
  '.study.update.lock',
]);

/** Names that would hide, or be hidden by, tokens of Maestro's own. */
const OWN_TOKENS: ReadonlySet<string> = new Set(['WORKSPACE', 'LAUNCHER']);

/** Names that are taken twice, are Maestro's own, or cannot do what they are for. */
export function checkNames(specification: Specification): Diagnostic[] {
  return [...checkStepNames(specification), ...checkTokenNames(specification)];
}

function checkStepNames({ steps, locate }: Specification): Diagnostic[] {
  const places = new Map<string, Location>();
  return steps.flatMap(({ name }, i): Diagnostic[] => {
    if (name === '') return [];
    const at = locate(['study', i, 'name']);
    const before = places.get(name);
    if (before !== undefined) {
      return [errorAt(at, `there is already a step '${name}', on line ${before.line}`, 'rename one of them')];
    }
    places.set(name, at);
    if (RESERVED_STEPS.has(name)) {
      return [errorAt(at, `'${name}' is a name of Maestro's own in the study directory`, 'rename the step')];
    }
    return checkDirectoryName(name, at);
  });
}

/** A step's workspace is named by those characters of its name that are safe in a path. */
function checkDirectoryName(name: string, at: Location): Diagnostic[] {
  const directory = name.replaceAll(' ', '_').replace(/[^-_.()A-Za-z0-9]/g, '');
  if (!/^\.{0,2}$/.test(directory)) return [];
  const message = `step name '${name}' leaves no name for its directory`;
  return [errorAt(at, message, 'use a letter or digit from A-Z, a-z and 0-9 in it')];
}

interface TokenName {
  readonly kind: 'variable' | 'label' | 'dependency' | 'parameter';
  readonly name: string;
  readonly at: Location;
}

function tokenNames({ environment, dependencies, parameters, locate }: Specification): TokenName[] {
  const counts = { paths: 0, git: 0 };
  return [
    ...parameters.map(({ key }) => ({
      kind: 'parameter' as const,
      name: key,
      at: locate(['global.parameters', key]),
    })),
    ...environment.map(({ block, name }) => ({
      kind: block === 'variables' ? ('variable' as const) : ('label' as const),
      name,
      at: locate(['env', block, name]),
    })),
    ...dependencies.map(({ kind, name }) => {
      const block = kind === 'git' ? 'git' : 'paths';
      const at = locate(['env', 'dependencies', block, counts[block]++, 'name']);
      return { kind: 'dependency' as const, name, at };
    }),
  ];
}

function checkTokenNames(specification: Specification): Diagnostic[] {
  const first = new Map<string, TokenName>();
  return tokenNames(specification).flatMap((token): Diagnostic[] => {
    const { kind, name, at } = token;
    if (name === '') return [];
    const before = first.get(name);
    if (before !== undefined) {
      const message = `${kind} '${name}' has the name of the ${before.kind} on line ${before.at.line}`;
      return [errorAt(at, message, 'rename one of them')];
    }
    first.set(name, token);
    return checkTokenName(token);
  });
}

function checkTokenName({ kind, name, at }: TokenName): Diagnostic[] {
  if (/[()$\s]/.test(name) && !/^[^()$\s](?:[^()$]*[^()$\s])?$/.test(name)) {
    const message = `${kind} '${name}' cannot be written as a token $(${name})`;
    return [errorAt(at, message, 'use no parentheses, dollar signs or outer spaces in the name')];
  }
  if (name === 'SPECROOT' || (name === 'OUTPUT_PATH' && kind !== 'variable')) {
    return [errorAt(at, `$(${name}) is a token of Maestro's own`, `rename the ${kind}`)];
  }
  if (!OWN_TOKENS.has(name)) return [];
  return [
    warningAt(at, `this ${kind} hides Maestro's own token $(${name})`, 'rename it if that is not meant'),
  ];
}
