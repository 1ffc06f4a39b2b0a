import { createStudyDirectory } from '../shared/prepare/directory.ts';
import { type ParameterDescription, ParameterGenerator } from '../shared/prepare/parameter-generator.ts';
import { asItStands, type CheckedStudy, checkStudy } from '../shared/prepare/prepare.ts';
import type { Diagnostic } from '../shared/spec/diagnostic.ts';
import type { Limits } from '../shared/state/transition.ts';
import { registerStudy, registryDirectory } from '../shared/status/registry.ts';
import { conductDetached, conductHere, type LogOptions } from './conducting.ts';
import { StudyDirectory } from './study-directory.ts';
import { StudyError, withCodes } from './study-error.ts';
import { type ExpandedStep, expandedSteps } from './study-steps.ts';

/** How a specification is read. Relative paths are relative to the current directory. */
export interface LoadOptions {
  /** The study directory that a run makes. Default: one named after the study and the time. */
  readonly directory?: string;
  /** Parameters in place of the specification's: a ParameterGenerator, or `{ KEY: { values: [1, 2, 4] } }`. */
  readonly parameters?: ParameterGenerator | Readonly<Record<string, ParameterDescription>>;
  /** A file that makes the parameters (.py, .js, .mjs or .ts), and what it is told. */
  readonly generator?: string;
  readonly generatorArgs?: Readonly<Record<string, string | number>>;
  /** Name workspaces by a hash of their combination, for very long labels. */
  readonly hashWorkspaces?: boolean;
  /** Ends the loading, a generator that runs for long too; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** How a study is run. */
export interface RunOptions extends LogOptions {
  /** Conduct in this process, and not by one that outlives it. */
  readonly foreground?: boolean;
  /** Replace a study that stands in the directory. */
  readonly replace?: boolean;
  /** Write directories and scripts, and run nothing. */
  readonly dry?: boolean;
  /** Tries at a step that fails; default 1. */
  readonly attempts?: number;
  /** Restarts of a step that timed out; default 1, 0: no limit. */
  readonly rlimit?: number;
  /** Steps in flight at once; default 0: no limit. */
  readonly throttle?: number;
  /** Seconds between polls of a scheduler; default 60. */
  readonly sleeptime?: number;
  /**
   * Ends the making of the directory, of which then nothing is left. In the foreground, has the conductor leave
   * later too: running steps go on, and `resume` takes them over.
   */
  readonly signal?: AbortSignal;
}

/** A specification that has been read, checked and expanded, and has no directory yet. */
export class Study {
  readonly #checked: CheckedStudy;
  /** What is probably not meant in the specification, and does no harm. */
  readonly warnings: readonly Diagnostic[];

  private constructor(checked: CheckedStudy, warnings: readonly Diagnostic[]) {
    this.#checked = checked;
    this.warnings = warnings;
  }

  /**
   * Reads a specification and makes every check that can be made before anything is written. Throws a StudyError:
   * of code `bad-specification` with all that is wrong in the file, at its line and column.
   */
  static load(file: string, options: LoadOptions = {}): Promise<Study> {
    const { directory, parameters, generator, generatorArgs = {}, hashWorkspaces = false, signal } = options;
    return withCodes(async () => {
      const { checked, diagnostics } = await checkStudy({
        specificationFile: file,
        ...(directory === undefined ? {} : { out: directory }),
        ...(parameters === undefined ? {} : { parameters: generatorOf(parameters) }),
        ...(generator === undefined ? {} : { generator }),
        generatorArgs: Object.entries(generatorArgs).map(([key, value]) => `${key}:${value}`),
        hashWorkspaces,
        useTmp: false,
        limits: limitsOf({}),
        dry: false,
        cwd: process.cwd(),
        now: new Date(),
        ...(signal === undefined ? {} : { signal }),
      });
      if (checked === undefined) throw StudyError.ofSpecification(diagnostics);
      return new Study(checked, diagnostics);
    });
  }

  /** Opens a study that has its directory. Throws a StudyError of code `no-study` where there is none. */
  static open(directory: string): Promise<StudyDirectory> {
    return StudyDirectory.open(directory);
  }

  /** The name that the specification gives it. */
  get name(): string {
    return this.#checked.study.name;
  }

  /** What the specification says that it is for. */
  get description(): string {
    return this.#checked.study.description;
  }

  /** Absolute path of the directory that a run makes. */
  get directory(): string {
    return this.#checked.directory;
  }

  /** How many steps it has. */
  get size(): number {
    return this.#checked.expansion.count;
  }

  /** Its steps in the order of status.csv, with their scripts. Nothing is written. */
  expand(): Generator<ExpandedStep, void, undefined> {
    const { study, expansion } = this.#checked;
    return expandedSteps(study, expansion);
  }

  /**
   * Makes the study directory and has it conducted, by a process that outlives this one or, in the foreground, by
   * this one. Returns once the conductor has begun; `wait` and `watch` of what it returns tell how it goes.
   * Throws a StudyError, and leaves nothing half made behind.
   */
  run(options: RunOptions = {}): Promise<StudyDirectory> {
    const { foreground = false, dry = false, signal } = options;
    return withCodes(async () => {
      const directory = await createStudyDirectory(this.#placed(options));
      const createdAt = Date.now();
      registerStudy(registryDirectory(process.env), { directory, name: this.name, createdAt });
      if (dry) return new StudyDirectory(directory);
      if (foreground) return new StudyDirectory(directory, await conductHere(directory, options));
      signal?.throwIfAborted();
      await conductDetached(directory, options);
      return new StudyDirectory(directory);
    });
  }

  /** The study as it is to be made, where it may be. */
  #placed({ replace = false, dry = false, signal, ...limits }: RunOptions): CheckedStudy {
    const { request, ...checked } = asItStands(this.#checked);
    if (checked.exists !== 'nothing' && !replace) {
      const mend = 'run({ replace: true }) replaces a study, or load() with another directory';
      throw new StudyError('directory-exists', `${checked.directory} exists`, mend);
    }
    const { signal: _, ...asked } = { ...request, dry, limits: limitsOf(limits), now: new Date() };
    return { ...checked, request: { ...asked, ...(signal === undefined ? {} : { signal }) } };
  }
}

function limitsOf({ attempts = 1, rlimit = 1, throttle = 0, sleeptime = 60 }: RunOptions): Limits {
  return { attempts, rlimit, throttle, sleeptime };
}

/** Throws a TypeError, as ParameterGenerator does, for what has no lists of values. */
function generatorOf(parameters: NonNullable<LoadOptions['parameters']>): ParameterGenerator {
  if (parameters instanceof ParameterGenerator) return parameters;
  return ParameterGenerator.from(parameters) ?? new ParameterGenerator();
}
