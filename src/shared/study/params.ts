import { paramsOf } from './combinations.ts';
import type { Expansion, Study } from './study.ts';

/** The Params column of status.csv: `A:1;B:x`. */
export function paramsText(study: Study, expansion: Expansion, step: number): string {
  return paramsOf(study, expansion, step)
    .map(([key, value]) => `${key}:${value}`)
    .join(';');
}
