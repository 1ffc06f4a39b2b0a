import { statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import type { Parameter, Specification } from '../spec/specification.ts';
import { parametersGiven, parametersOf } from './generator-answer.ts';
import { type Language, runGenerator } from './generator-process.ts';
import { environmentFor, generatorArguments, type StudyPlaces } from './generator-request.ts';
import type { ParameterGenerator } from './parameter-generator.ts';

/** A generator and what it is told. */
export interface GeneratorRun {
  /** The generator, as the user named it: relative to `cwd`. */
  readonly file: string;
  /** `--pargs`, each `KEY:VALUE`. */
  readonly pargs: readonly string[];
  /** The study directory, as OUTPUT_PATH. */
  readonly outputPath: string;
  /** The specification's directory, as SPECROOT. */
  readonly specRoot: string;
  readonly specification: Specification;
  /** Default: the process's own. */
  readonly cwd?: string;
  /** Ends the generator. */
  readonly signal?: AbortSignal;
}

const LANGUAGES: Readonly<Record<string, Language>> = {
  '.py': 'python',
  '.js': 'javascript',
  '.mjs': 'javascript',
  '.cjs': 'javascript',
  '.ts': 'javascript',
  '.mts': 'javascript',
  '.cts': 'javascript',
};

/**
 * The parameters that a generator gives in place of the specification's own. The generator runs for as long as it
 * likes. Throws a UserError, with the generator's file and line, for whatever goes wrong in it or with its answer.
 */
export async function generateParameters(run: GeneratorRun): Promise<Parameter[]> {
  const cwd = run.cwd ?? process.cwd();
  const file = resolve(cwd, run.file);
  const language = languageOf(file);
  const request = {
    file,
    environment: environmentFor(run.specification, run),
    arguments: generatorArguments(run.pargs, run),
  };
  const options = run.signal === undefined ? { cwd } : { cwd, signal: run.signal };
  const reply = await runGenerator(language, request, options);
  return parametersOf(reply, file, new Set(request.environment.map(({ name }) => name)));
}

/**
 * Parameters that the calling program has made, in place of the specification's own. Throws a UserError where they do
 * not fit each other or the environment.
 */
export function programParameters(
  { added }: Pick<ParameterGenerator, 'added'>,
  specification: Specification,
  places: StudyPlaces,
): Parameter[] {
  const taken = environmentFor(specification, places).map(({ name }) => name);
  return parametersGiven(added, new Set(taken));
}

function languageOf(file: string): Language {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new UserError(
      `${file}: there is no such generator`,
      'give --pgen a Python, JavaScript or TypeScript file',
    );
  }
  const language = LANGUAGES[extname(file)];
  if (language === undefined) {
    throw new UserError(
      `${file}: a generator's language is known by its extension`,
      `name it ${Object.keys(LANGUAGES).join(', ')}`,
    );
  }
  return language;
}
