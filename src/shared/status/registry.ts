import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { replaceFile } from '../atomic-file.ts';
import { isStudyDirectory } from '../state/store.ts';

/** A study that this user has started on this machine. */
export interface RegisteredStudy {
  /** Absolute path of the study directory. */
  readonly directory: string;
  readonly name: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

/** Where the user's studies are noted, a small file each: `$XDG_STATE_HOME/maestro/studies`. */
export function registryDirectory(environment: NodeJS.ProcessEnv): string {
  const state = environment.XDG_STATE_HOME;
  // The standard wants a relative path ignored: it would mean another place in every directory.
  const root = state !== undefined && isAbsolute(state) ? state : join(homedir(), '.local', 'state');
  return join(root, 'maestro', 'studies');
}

/** Notes a study. A directory that is used again keeps one file. */
export function registerStudy(registry: string, study: RegisteredStudy): void {
  mkdirSync(registry, { recursive: true });
  replaceFile(fileOf(registry, study.directory), `${JSON.stringify(study)}\n`);
}

/**
 * The studies noted, newest first. Those whose directory is gone are forgotten on the way, but not while the
 * directory around it is gone too: a file system that is not mounted now comes back with its studies.
 */
export function registeredStudies(registry: string): RegisteredStudy[] {
  const studies: RegisteredStudy[] = [];
  for (const file of existsSync(registry) ? readdirSync(registry) : []) {
    const study = file.endsWith('.json') ? readEntry(join(registry, file)) : undefined;
    if (study === undefined) continue;
    if (isStudyDirectory(study.directory)) studies.push(study);
    else if (existsSync(dirname(study.directory))) rmSync(join(registry, file), { force: true });
  }
  return studies.sort((a, b) => b.createdAt - a.createdAt || a.directory.localeCompare(b.directory));
}

function fileOf(registry: string, directory: string): string {
  return join(registry, `${createHash('sha256').update(directory).digest('hex').slice(0, 24)}.json`);
}

/** Undefined for what is no entry: the directory is the user's, who may keep anything there. */
function readEntry(file: string): RegisteredStudy | undefined {
  try {
    const entry = JSON.parse(readFileSync(file, 'utf8')) as Partial<RegisteredStudy> | null;
    if (entry === null || typeof entry !== 'object') return undefined;
    const { directory, name, createdAt } = entry;
    const isEntry =
      typeof directory === 'string' &&
      isAbsolute(directory) &&
      typeof name === 'string' &&
      typeof createdAt === 'number';
    return isEntry ? { directory, name, createdAt } : undefined;
  } catch {
    return undefined;
  }
}
