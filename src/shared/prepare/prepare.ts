import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Diagnostic } from '../spec/diagnostic.ts';
import { mergeDiagnostics } from '../spec/merge-diagnostics.ts';
import { readSpecification } from '../spec/read.ts';
import type { Parameter, Specification } from '../spec/specification.ts';
import { isStudyDirectory } from '../state/store.ts';
import type { StudyRecord } from '../state/study-record.ts';
import type { Limits } from '../state/transition.ts';
import { expand } from '../study/expand.ts';
import { resolveStudy } from '../study/resolve.ts';
import type { Expansion, Study } from '../study/study.ts';
import { checkScripts } from './check-scripts.ts';
import { type Clone, checkDependencies } from './dependencies.ts';
import { freeDirectory } from './free-directory.ts';
import { generateParameters, programParameters } from './generator.ts';
import type { StudyPlaces } from './generator-request.ts';
import { studyDirectoryName } from './naming.ts';
import type { ParameterGenerator } from './parameter-generator.ts';

/** What is asked for when a study is made of a specification. Relative paths are relative to `cwd`. */
export interface StudyRequest {
  readonly specificationFile: string;
  /** The study directory; absent: one named after the study and the time. */
  readonly out?: string;
  /** A parameter generator in place of the specification's parameters, and its `KEY:VALUE` arguments. */
  readonly generator?: string;
  readonly generatorArgs: readonly string[];
  /** Parameters made by the calling program, in place of the specification's and of a generator. */
  readonly parameters?: ParameterGenerator;
  readonly hashWorkspaces: boolean;
  /** Write scripts below a temporary directory. */
  readonly useTmp: boolean;
  readonly limits: Limits;
  /** Write all scripts, run nothing. */
  readonly dry: boolean;
  readonly cwd: string;
  readonly now: Date;
  readonly signal?: AbortSignal;
  /**
   * A study that is to have this specification in place of its own: it is expanded into that study's directory,
   * in the ways that were chosen when that was made. `out`, `hashWorkspaces` and `useTmp` do not count then.
   */
  readonly renews?: Pick<StudyRecord, 'study' | 'source'>;
}

/** A study that has passed every check that can be made without writing anything. */
export interface CheckedStudy {
  readonly request: StudyRequest;
  readonly specification: Specification;
  readonly study: Study;
  readonly expansion: Expansion;
  readonly clones: readonly Clone[];
  /** The study directory to be made, absolute. */
  readonly directory: string;
  /** Whether something stands there already, and whether that is a study which may be replaced. */
  readonly exists: 'nothing' | 'a study' | 'something else';
}

/**
 * Checks a specification and all that it needs: its text, its generator, its dependencies, its expansion, its
 * scripts. Writes nothing. Without a checked study there is an error among the diagnostics. Throws a UserError
 * for what has no place in the specification, such as a generator that fails.
 */
export async function checkStudy(
  request: StudyRequest,
): Promise<{ readonly diagnostics: readonly Diagnostic[]; readonly checked: CheckedStudy | undefined }> {
  const { cwd, signal, renews } = request;
  // Diagnostics name the file as it was typed, which is what terminals and editors can follow from here.
  const typed = request.specificationFile;
  const file = cwd === process.cwd() ? typed : resolve(cwd, typed);
  const { specification, diagnostics } = readSpecification(file);
  if (specification === undefined) return { diagnostics, checked: undefined };
  const directory = chooseDirectory(request, specification);
  const specRoot = dirname(specification.file);
  const places = { outputPath: directory, specRoot };
  const parameters = await parametersFor(request, specification, places);
  const context = {
    ...places,
    cwd,
    ...(signal === undefined ? {} : { signal }),
    ...(renews === undefined ? {} : { present: renews.source.clones }),
  };
  const { paths, clones, problems } = await checkDependencies(specification, context);
  const resolved = resolveStudy(specification, {
    directory,
    ...places,
    ...(parameters === undefined ? {} : { parameters }),
    dependencyPaths: paths,
    ...waysOf(request),
  });
  const stages = [diagnostics, problems, resolved.diagnostics];
  if (resolved.study === undefined) return { diagnostics: mergeDiagnostics(stages), checked: undefined };
  const expansion = expand(resolved.study);
  const all = mergeDiagnostics([...stages, checkScripts(specification, resolved.study, expansion)]);
  if (all.some(({ severity }) => severity === 'error')) return { diagnostics: all, checked: undefined };
  // A name of our own choosing was free a moment ago; whoever has taken it since is stepped aside for later.
  const exists = request.out === undefined && renews === undefined ? 'nothing' : whatStandsAt(directory);
  const { study } = resolved;
  return {
    diagnostics: all,
    checked: { request, specification, study, expansion, clones, directory, exists },
  };
}

/** The same study in another directory: for when the one that was free at the check has been taken since. */
export async function moveTo(checked: CheckedStudy, directory: string): Promise<CheckedStudy> {
  const request = { ...checked.request, out: directory };
  const again = (await checkStudy(request)).checked;
  if (again === undefined) throw new Error('a study that was sound is not so in another directory');
  return again;
}

async function parametersFor(
  { generator, generatorArgs, parameters, cwd, signal }: StudyRequest,
  specification: Specification,
  places: StudyPlaces,
): Promise<readonly Parameter[] | undefined> {
  if (parameters !== undefined) return programParameters(parameters, specification, places);
  if (generator === undefined) return undefined;
  return generateParameters({
    file: generator,
    pargs: generatorArgs,
    ...places,
    specification,
    cwd,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** What the user chooses of a study beside its specification, once for all of its specifications. */
function waysOf({ renews, hashWorkspaces, useTmp }: StudyRequest): {
  readonly hashWorkspaces: boolean;
  readonly scriptDirectory?: string;
} {
  if (renews === undefined)
    return { hashWorkspaces, ...(useTmp && { scriptDirectory: temporaryDirectory() }) };
  const { hashWorkspaces: isHashed, scriptDirectory } = renews.study;
  return { hashWorkspaces: isHashed, ...(scriptDirectory !== undefined && { scriptDirectory }) };
}

/** The directory that was asked for, else a free one below OUTPUT_PATH or the current directory. */
function chooseDirectory({ out, cwd, now, renews }: StudyRequest, specification: Specification): string {
  if (renews !== undefined) return renews.study.directory;
  if (out !== undefined) return resolve(cwd, out);
  const base = specification.environment.find(({ name }) => name === 'OUTPUT_PATH')?.value ?? '.';
  const wanted = resolve(cwd, base, studyDirectoryName(specification.name, now));
  return freeDirectory(wanted);
}

function temporaryDirectory(): string {
  return join(tmpdir(), `maestro_${randomBytes(6).toString('hex')}`);
}

/** A study that was checked a while ago, with what stands in the place of its directory now. */
export function asItStands(checked: CheckedStudy): CheckedStudy {
  // As above: a name of our own choosing is no reason to replace anything.
  if (checked.request.out === undefined) return checked;
  return { ...checked, exists: whatStandsAt(checked.directory) };
}

function whatStandsAt(directory: string): CheckedStudy['exists'] {
  if (!existsSync(directory)) return 'nothing';
  return isStudyDirectory(directory) ? 'a study' : 'something else';
}
