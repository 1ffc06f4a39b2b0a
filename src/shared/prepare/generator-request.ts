import { UserError } from '../errors.ts';
import type { Specification } from '../spec/specification.ts';

/** An entry of the environment that a generator is given. */
type Entry =
  | {
      readonly kind: 'variable' | 'label' | 'path';
      readonly name: string;
      readonly value: string;
      /** False where the generator shall see a number. */
      readonly isText: boolean;
    }
  | {
      readonly kind: 'git';
      readonly name: string;
      readonly value: string;
      readonly isText: true;
      readonly path: string;
      readonly selector: Readonly<Partial<Record<'tag' | 'branch' | 'hash', string>>>;
    };

/** What a generator's process is told: the one message to it, the same for every language. */
export interface Request {
  /** Absolute path of the generator. */
  readonly file: string;
  readonly environment: readonly Entry[];
  /** The generator's keyword arguments. */
  readonly arguments: Readonly<Record<string, string>>;
}

/** Where the study stands, for generators that read files beside the specification or name the study directory. */
export interface StudyPlaces {
  readonly outputPath: string;
  readonly specRoot: string;
}

/** The `env` block as a generator finds it: tokens in values are not replaced, OUTPUT_PATH and SPECROOT are known. */
export function environmentFor(specification: Specification, places: StudyPlaces): Entry[] {
  return [
    ...specification.environment.map(
      ({ name, value, block, isText }): Entry => ({
        kind: block === 'labels' ? 'label' : 'variable',
        name,
        value,
        isText,
      }),
    ),
    ...specification.dependencies.map((dependency): Entry => {
      const { name, path } = dependency;
      if (dependency.kind === 'path') return { kind: 'path', name, value: path, isText: true };
      const selector = dependency.ref === undefined ? {} : { [dependency.ref.kind]: dependency.ref.name };
      return { kind: 'git', name, value: dependency.url, isText: true, path, selector };
    }),
    { kind: 'variable', name: 'OUTPUT_PATH', value: places.outputPath, isText: true },
    { kind: 'variable', name: 'SPECROOT', value: places.specRoot, isText: true },
  ];
}

/**
 * The keyword arguments of a generator: each `--pargs KEY:VALUE`, split at the first colon and stripped, then
 * OUTPUT_PATH and SPECROOT. The last of a key counts. Throws a UserError for what has no colon or no key.
 */
export function generatorArguments(pargs: readonly string[], places: StudyPlaces): Record<string, string> {
  const given = pargs.map((parg): [string, string] => {
    const colon = parg.indexOf(':');
    const key = parg.slice(0, colon).trim();
    if (colon < 0 || key === '') {
      throw new UserError(`--pargs ${parg} is not KEY:VALUE`, 'write --pargs count:3');
    }
    return [key, parg.slice(colon + 1).trim()];
  });
  return Object.fromEntries([...given, ['OUTPUT_PATH', places.outputPath], ['SPECROOT', places.specRoot]]);
}
