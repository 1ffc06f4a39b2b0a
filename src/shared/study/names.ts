import { createHash } from 'node:crypto';
import type { Expansion, Study } from './study.ts';

/**
 * The longest name that a directory or a script's base name may have, in bytes. File systems allow 255; the
 * rest is for what is appended, such as `.restart.slurm.sh`, `.<pid>.out` or the `.<job id>.err` of a
 * scheduler, and for the suffix of a temporary file.
 */
export const MAX_NAME_BYTES = 255 - 32;

/** Hexadecimal digits that tell apart names that would else be equal: one in four billion. */
const SHORT_HASH = 8;

const UNSAFE = /[^-_.()A-Za-z0-9]/g;

/** The md5 of a text in hexadecimal: for names that users know, not for secrets. */
export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/**
 * A name as one part of a path: spaces become `_`, and only `-_.()A-Za-z0-9` stay. It is never empty, `.` or
 * `..`, and never longer than `MAX_NAME_BYTES`; a name that would be gets a short hash.
 */
export function fileName(name: string): string {
  const safe = name.replaceAll(' ', '_').replace(UNSAFE, '');
  const isUsable = safe.length <= MAX_NAME_BYTES && safe !== '' && safe !== '.' && safe !== '..';
  return isUsable ? safe : withHash(safe, md5(name));
}

/**
 * File names for distinct names, all distinct: where two become equal, the later gets a short hash. Names that
 * differ in nothing but case are left alone, since the file systems that studies live on tell them apart.
 */
export function distinctFileNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const plain = fileName(name);
    const distinct = taken.has(plain) ? freeName(plain, name, taken) : plain;
    taken.add(distinct);
    return distinct;
  });
}

/** The name with a short hash of `seed` appended, and hashed again should that be taken too. */
export function freeName(name: string, seed: string, taken: ReadonlySet<string>): string {
  for (let hash = md5(seed); ; hash = md5(hash)) {
    const candidate = withHash(name, hash);
    if (!taken.has(candidate)) return candidate;
  }
}

/** The name with the first digits of a hash appended, cut so that both fit. */
function withHash(name: string, hash: string): string {
  return `${name.slice(0, MAX_NAME_BYTES - SHORT_HASH - 1)}_${hash.slice(0, SHORT_HASH)}`;
}

/** For each step of the study the directory of its combinations, relative to the study directory. */
export function stepDirectories(study: Study): string[] {
  return distinctFileNames(study.steps.map(({ name }) => name));
}

/**
 * What the names of a step's scripts and outputs begin with: its name as a file name, or the md5 of its
 * combination where the study has hashed workspaces.
 */
export function scriptBase(study: Study, expansion: Expansion, step: number): string {
  const template = study.steps[expansion.template[step]!]!;
  if (study.hashWorkspaces && template.uses.length > 0) {
    const workspace = expansion.workspaces[step]!;
    return workspace.slice(workspace.lastIndexOf('/') + 1);
  }
  return fileName(expansion.names[step]!);
}
