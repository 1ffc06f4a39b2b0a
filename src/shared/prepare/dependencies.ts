import { existsSync, lstatSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import PQueue from 'p-queue';
import type { Diagnostic } from '../spec/diagnostic.ts';
import type { GitDependency, Specification, SpecPath } from '../spec/specification.ts';
import { suggestOr } from '../spec/suggest.ts';
import type { StudySource } from '../state/study-record.ts';
import { environmentTokens, type LoadContext, replaceInOrder } from '../study/tokens.ts';
import { type GitOptions, mayHaveCommit, type RemoteNames, remoteNames, withoutPassword } from './git.ts';

/** How many repositories are talked to at a time: a host may refuse more. */
export const REPOSITORIES_AT_A_TIME = 4;

/** How many tags or branches are named where none is like the one that is not there. */
const NAMED = 5;

/** What tokens mean, what relative paths and URLs are relative to, and a way to give up. */
export interface DependencyContext extends LoadContext, GitOptions {
  /** What was cloned for an earlier specification of the study: the same is not cloned again. */
  readonly present?: StudySource['clones'];
}

/** A git dependency with its tokens replaced: what is to be cloned, and where to. */
export interface Clone {
  readonly name: string;
  readonly url: string;
  readonly ref?: NonNullable<GitDependency['ref']>;
  /** Absolute path of the directory that the clone will be: what `$(NAME)` becomes. */
  readonly directory: string;
}

/** What the check of dependencies has found out. */
export interface CheckedDependencies {
  /** By name, what `$(NAME)` becomes: an absolute path. */
  readonly paths: ReadonlyMap<string, string>;
  /** What `acquireDependencies` has to fetch, and what is present. */
  readonly clones: readonly Clone[];
  /** All that is wrong, each at its place in the specification. */
  readonly problems: readonly Diagnostic[];
}

/**
 * Checks all that can be known about a specification's dependencies before anything is created: that paths exist
 * (relative to `cwd`), that repositories answer and have the tag, branch or commit, and that nothing stands where a
 * clone will be. Nothing is cloned.
 */
export async function checkDependencies(
  specification: Specification,
  context: DependencyContext,
): Promise<CheckedDependencies> {
  const { variables } = environmentTokens(specification.environment, context);
  const placed = withPlaces(specification);
  const paths = new Map<string, string>();
  const clones: Clone[] = [];
  const checks: (() => Promise<Problem | undefined>)[] = [];
  for (const { dependency, at } of placed) {
    if (dependency.kind === 'path') {
      const path = resolve(context.cwd, dependency.path);
      paths.set(dependency.name, path);
      checks.push(async () => checkPath(dependency.name, path, at));
      continue;
    }
    const replaced = (text: string) => replaceInOrder(text, variables);
    const clone = {
      ...dependency,
      url: replaced(dependency.url),
      directory: join(resolve(context.cwd, replaced(dependency.path)), dependency.name),
    };
    paths.set(clone.name, clone.directory);
    clones.push(clone);
    if (isPresent(clone, context.present)) continue;
    checks.push(async () => checkPlace(clone, at, context) ?? (await checkRepository(clone, at, context)));
  }
  const found = await new PQueue({ concurrency: REPOSITORIES_AT_A_TIME }).addAll(checks);
  const problems = found.filter((problem) => problem !== undefined).map(diagnosticFor(specification));
  return { paths, clones, problems };
}

/** The dependencies with their places in the specification, where each kind is a list of its own. */
function withPlaces({ dependencies }: Specification) {
  const next = { path: 0, git: 0 };
  return dependencies.map((dependency) => {
    const list = dependency.kind === 'path' ? 'paths' : 'git';
    const at: SpecPath = ['env', 'dependencies', list, next[dependency.kind]++];
    return { dependency, at };
  });
}

interface Problem {
  readonly at: SpecPath;
  readonly message: string;
  readonly mend: string;
}

function diagnosticFor(specification: Specification): (problem: Problem) => Diagnostic {
  return ({ at, message, mend }) => ({ severity: 'error', at: specification.locate(at), message, mend });
}

function checkPath(name: string, path: string, at: SpecPath): Problem | undefined {
  if (existsSync(path)) return undefined;
  const mend = path.includes('$(')
    ? 'write it out, since tokens are not replaced in the paths of dependencies'
    : 'create it, or correct the path (relative ones start from the current directory)';
  return { at: [...at, 'path'], message: `dependency ${name}: ${path} does not exist`, mend };
}

/** Whether this very clone was made for an earlier specification of the study, and is still there. */
export function isPresent(clone: Clone, present: StudySource['clones'] = []): boolean {
  const { url, ref, directory } = clone;
  return present.some(
    (known) =>
      known.directory === directory &&
      known.url === withoutPassword(url) &&
      known.ref?.kind === ref?.kind &&
      known.ref?.name === ref?.name &&
      standsAt(directory),
  );
}

/** A clone's directory must not exist yet; in the directory of a new study nothing does. */
function checkPlace(
  clone: Clone,
  at: SpecPath,
  { outputPath, present }: DependencyContext,
): Problem | undefined {
  const { name, directory } = clone;
  if (/[/\\]/.test(name) || name === '.' || name === '..') {
    const message = `dependency ${name}: its name cannot be that of a directory`;
    return { at: [...at, 'name'], message, mend: 'use a name without slashes' };
  }
  for (const key of ['url', 'directory'] as const) {
    const token = /\$\([^()]*\)/.exec(clone[key])?.[0];
    if (token === undefined) continue;
    const message = `dependency ${name}: ${token} in its ${key === 'url' ? 'url' : 'path'} is no variable`;
    const mend = 'use names of env.variables, OUTPUT_PATH or SPECROOT';
    return { at: [...at, key === 'url' ? 'url' : 'path'], message, mend };
  }
  const isInNewStudy = present === undefined && isBelow(outputPath, directory);
  if (isInNewStudy || lstatSync(directory, { throwIfNoEntry: false }) === undefined) return undefined;
  if (present?.some((known) => known.directory === directory) === true) {
    const message = `dependency ${name}: ${directory} holds what was cloned for the study before, which is not this`;
    return { at: [...at, 'path'], message, mend: 'give it another name: steps that use it then run again' };
  }
  return { at: [...at, 'path'], ...occupied(clone) };
}

/** Whether anything has that path, be it a link to nothing. What cannot be looked at shows itself later. */
export function standsAt(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function isBelow(above: string, directory: string): boolean {
  return directory.startsWith(above.endsWith(sep) ? above : above + sep);
}

/** Why a clone cannot be put where something stands: reusing what is there would tie studies together. */
export function occupied({ name, directory }: Clone): { readonly message: string; readonly mend: string } {
  return {
    message: `dependency ${name}: ${directory}, where it is cloned to, exists already`,
    mend: 'remove it, or clone into the study directory with path: $(OUTPUT_PATH)',
  };
}

/** How a clone is named in an error: the dependency, what was selected, and where from. */
export function describeClone({ name, ref, url }: Clone): string {
  const selected = ref === undefined ? '' : `${ref.kind} ${ref.name} of `;
  return `dependency ${name} (${selected}${withoutPassword(url)})`;
}

async function checkRepository(
  clone: Clone,
  at: SpecPath,
  context: DependencyContext,
): Promise<Problem | undefined> {
  const remote = await remoteNames(clone.url, context);
  if (!remote.ok) {
    const message = `${describeClone(clone)}: git cannot reach the repository: ${remote.said}`;
    return { at: [...at, 'url'], message, mend: 'correct the url, or see that you may read it from here' };
  }
  return clone.ref === undefined ? undefined : checkRef(clone, clone.ref, remote.value, at, context);
}

async function checkRef(
  clone: Clone,
  ref: NonNullable<Clone['ref']>,
  remote: RemoteNames,
  at: SpecPath,
  context: DependencyContext,
): Promise<Problem | undefined> {
  const message = `${describeClone(clone)}: the repository has no such ${ref.kind}`;
  const place = [...at, ref.kind];
  if (ref.kind === 'hash') {
    if (!/^[0-9a-f]{4,64}$/i.test(ref.name)) {
      return { at: place, message, mend: 'write 4 or more hexadecimal digits of a commit, in quotes' };
    }
    if (await mayHaveCommit(clone.url, ref.name, context)) return undefined;
    return { at: place, message, mend: 'correct it, or push the commit' };
  }
  const names = ref.kind === 'tag' ? remote.tags : remote.branches;
  if (names.has(ref.name)) return undefined;
  const some = [...names].slice(0, NAMED).join(', ');
  const otherwise = some === '' ? `it has none at all` : `it has ${some}${names.size > NAMED ? ', …' : ''}`;
  return { at: place, message, mend: suggestOr(ref.name, names, otherwise) };
}
