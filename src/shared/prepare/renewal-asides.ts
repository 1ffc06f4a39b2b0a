import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { outdatedScripts, type Renewal } from '../renew/renewal.ts';
import type { Store } from '../state/store.ts';
import type { Expansion } from '../study/study.ts';
import type { Aside } from './edition-files.ts';
import { freeDirectory } from './free-directory.ts';
import type { PlannedRenewal } from './planned-renewal.ts';
import type { CheckedStudy } from './prepare.ts';
import { scriptFiles } from './step-files.ts';

/**
 * What gets another name so that nothing of it is lost: workspaces of removed steps, the copy of the old
 * specification and old scripts, as `<name>.<number of their edition>`. In the order in which it is to be done.
 */
export function renewalAsides(store: Store, checked: CheckedStudy, planned: PlannedRenewal): Aside[] {
  const { renewal, before, clean } = planned;
  const { directory, specification } = checked;
  const copy = join(directory, before.source.specification);
  const numbered = (file: string): Aside => [file, freeDirectory(`${file}.${before.edition}`)];
  const isOther = existsSync(copy) && readFileSync(copy, 'utf8') !== specification.text;
  return [
    ...(isOther ? [numbered(copy)] : []),
    ...removalAsides(directory, before.expansion, renewal),
    ...(clean ? cleanAsides(store, directory, renewal) : []),
    ...scriptAsides(renewal).map(numbered),
  ];
}

/** A step that was tried before keeps the scripts that it finds: those of the old specification must go. */
function scriptAsides(renewal: Renewal): string[] {
  return outdatedScripts(renewal).flatMap((row) => {
    const scripts = scriptFiles(renewal.study, renewal.expansion, row);
    // Of a step that comes back they are not there yet: they come with its workspace.
    return renewal.fates[row]!.kind === 'back' ? scripts : scripts.filter(existsSync);
  });
}

/** Workspaces go with the steps that are removed, and come back with them; so does what stands beside them. */
function removalAsides(directory: string, before: Expansion, { expansion, fates }: Renewal): Aside[] {
  const workspaces = new Set(before.workspaces.map((workspace) => join(directory, workspace)));
  const besides = createBesides();
  return fates.flatMap(({ kind }, row): Aside[] => {
    if (kind !== 'removed' && kind !== 'back') return [];
    const from = join(directory, before.workspaces[row]!);
    const to = join(directory, expansion.workspaces[row]!);
    const suffixes = besides(from).filter((suffix) => !workspaces.has(from + suffix));
    return ['', ...suffixes].map((suffix) => [from + suffix, to + suffix]);
  });
}

/** What names of things that clean retries have moved aside from a workspace end with. */
function createBesides(): (workspace: string) => readonly string[] {
  const byParent = new Map<string, ReadonlyMap<string, readonly string[]>>();
  return (workspace) => {
    const parent = dirname(workspace);
    const known = byParent.get(parent) ?? movedAsideIn(parent);
    byParent.set(parent, known);
    return known.get(basename(workspace)) ?? [];
  };
}

/** By workspace; a directory is read once, however many workspaces it holds. */
function movedAsideIn(directory: string): ReadonlyMap<string, readonly string[]> {
  const suffixes = new Map<string, string[]>();
  for (const entry of existsSync(directory) ? readdirSync(directory) : []) {
    const suffix = /\.attempt-\d+(?:_\d+)?$/.exec(entry)?.[0];
    if (suffix === undefined) continue;
    const workspace = entry.slice(0, -suffix.length);
    suffixes.set(workspace, [...(suffixes.get(workspace) ?? []), suffix]);
  }
  return suffixes;
}

/** As a clean retry does it: each to `<workspace>.attempt-N`, where N is the last attempt made in it. */
function cleanAsides(store: Store, directory: string, { expansion, fates }: Renewal): Aside[] {
  const attempts = store.prepare('SELECT attempts FROM step ORDER BY id').pluck().all() as number[];
  return fates.flatMap(({ kind }, row): Aside[] => {
    const made = attempts[row] ?? 0;
    if ((kind !== 'again' && kind !== 'back') || made === 0) return [];
    const workspace = join(directory, expansion.workspaces[row]!);
    return [[workspace, freeDirectory(`${workspace}.attempt-${made}`)]];
  });
}
