import { UserError } from '../shared/errors.ts';
import type { RegisteredStudy } from '../shared/status/registry.ts';
import { type Overview, takeOverview } from '../shared/status/snapshot.ts';

/** A study of the list: as it stands, or why that cannot be told. */
export type ListedStudy = { readonly entry: RegisteredStudy } & (
  | { readonly kind: 'read'; readonly overview: Overview }
  | { readonly kind: 'unreadable'; readonly problem: string }
);

/** Reads a listed study. One that cannot be read must not hide the others. */
export function takeListed(entry: RegisteredStudy): ListedStudy {
  try {
    return { kind: 'read', entry, overview: takeOverview(entry.directory) };
  } catch (error) {
    const problem = error instanceof UserError ? error.line : (error as Error).message;
    return { kind: 'unreadable', entry, problem };
  }
}
