import { createHash } from 'node:crypto';
import type { Expansion, Study } from '../../study/study.ts';

/**
 * Tells one plan from any other: the study with its scripts, and the columns, names and workspaces of its steps.
 * A single bit that has changed in any of them makes another fingerprint.
 */
export function fingerprintOf(study: Study, expansion: Expansion): string {
  const hash = createHash('sha256').update(JSON.stringify(study));
  const { template, combination, parents, parentsStart, names, workspaces } = expansion;
  for (const column of [template, combination, parents, parentsStart]) {
    hash.update(`\0${column.length}\0`).update(column);
  }
  for (const texts of [names, workspaces]) hash.update(`\0${texts.length}\0`).update(texts.join('\0'));
  return hash.digest('hex');
}
