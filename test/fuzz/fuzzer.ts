import type { IRawProperty } from 'fast-check';

/** Something that is fed with whatever can be made up. */
export interface Fuzzer {
  readonly name: string;
  /** How many tries `npm test` makes. */
  readonly runs: number;
  /** Made anew for each use; `clean` removes what it has left on the disk. */
  open(): { readonly property: IRawProperty<unknown>; clean(): void };
}
