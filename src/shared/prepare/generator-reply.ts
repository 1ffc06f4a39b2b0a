/** A place in a generator, with the text of its line (empty where it cannot be shown). */
export interface Frame {
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  readonly text: string;
}

/** A parameter as a generator's process sends it. */
export interface RawParameter {
  readonly key: string;
  readonly name: string;
  readonly values: readonly string[];
  /** One text with `%%` in the place of the value, or a label for each value. */
  readonly label: string | readonly string[];
  /** The call that added it; null where the generator returned plain data. */
  readonly at: { readonly file: string; readonly line: number } | null;
}

/** Why a generator has no parameters to give. */
export type Failure =
  | { readonly kind: 'no function'; readonly wanted: string; readonly names: readonly string[] }
  | { readonly kind: 'no parameters'; readonly returned: string; readonly line: number }
  | { readonly kind: 'raised'; readonly said: string; readonly frames: readonly Frame[] };

/** The one message of a generator's process, the same from every language. */
export type Reply = { readonly parameters: readonly RawParameter[] } | { readonly failure: Failure };
