import { valueText } from './value-text.ts';

/** A parameter as it was added: texts only, and the stack of the call, which tells the generator's own line. */
export interface AddedParameter {
  readonly key: string;
  readonly name: string;
  readonly values: readonly string[];
  /** One text with `%%` in the place of the value, or a label for each value. */
  readonly label: string | readonly string[];
  readonly stack: string;
}

/** A parameter of the plain object that a generator may return in place of a ParameterGenerator. */
export interface ParameterDescription {
  readonly values: Iterable<unknown>;
  readonly label?: string | Iterable<unknown>;
  readonly name?: string;
}

/**
 * What a generator written in JavaScript or TypeScript returns: parameters, each a list of values. Combination i
 * takes the i-th value of every parameter.
 *
 *     import { ParameterGenerator } from 'maestro-conductor';
 */
export class ParameterGenerator {
  readonly added: AddedParameter[] = [];

  /**
   * Adds the parameter `$(key)`. `label` is one text with `%%` in the place of the value, or a list with a label for
   * each value; without it, `<key>.%%`. `name` is what `$(key.name)` becomes; without it, the key.
   */
  addParameter(
    key: string,
    values: Iterable<unknown>,
    label: string | Iterable<unknown> = `${key}.%%`,
    name: string = key,
  ): this {
    if (this.added.some((parameter) => parameter.key === key)) {
      throw new Error(`parameter ${key} is added twice`);
    }
    this.added.push({
      key,
      name: String(name),
      values: texts(values, `the values of parameter ${key}`),
      label: typeof label === 'string' ? label : texts(label, `the labels of parameter ${key}`),
      stack: new Error().stack ?? '',
    });
    return this;
  }

  /** The generator for `{ KEY: { values, label, name } }`; undefined for what is no such object. */
  static from(result: unknown): ParameterGenerator | undefined {
    if (typeof result !== 'object' || result === null || Array.isArray(result)) return undefined;
    const generator = new ParameterGenerator();
    for (const [key, description] of Object.entries(result as Record<string, ParameterDescription>)) {
      generator.addParameter(key, description?.values, description?.label, description?.name);
    }
    return generator;
  }
}

/** A list as the texts that replace tokens. Text can be iterated too, but letters are not what anybody means. */
function texts(list: Iterable<unknown>, what: string): string[] {
  if (typeof list === 'string' || typeof list?.[Symbol.iterator] !== 'function') {
    throw new TypeError(`${what} are no list`);
  }
  return Array.from(list, valueText);
}

/** An entry of the specification's `env` block, as generators see it. Tokens in it are not replaced. */
export interface EnvironmentVariable {
  readonly kind: 'variable' | 'label' | 'path' | 'git';
  readonly name: string;
  /** A number where the specification has one; the URL of a git dependency. */
  readonly value: string | number;
}

/** The `env` block of the specification, by name; the first argument of a generator. */
export class StudyEnvironment {
  readonly #entries: ReadonlyMap<string, EnvironmentVariable>;

  constructor(entries: readonly (EnvironmentVariable & { readonly isText: boolean })[]) {
    this.#entries = new Map(
      entries.map(({ isText, ...entry }) => [
        entry.name,
        isText ? entry : { ...entry, value: Number(entry.value) },
      ]),
    );
  }

  /** The variable, label or dependency of that name; undefined where there is none. */
  find(name: string): EnvironmentVariable | undefined {
    return this.#entries.get(name);
  }
}
