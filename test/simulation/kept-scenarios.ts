import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Scenario } from './scenario.ts';

/** A scenario that has failed once, shrunk, and what was wrong. */
export interface KeptScenario {
  readonly name: string;
  /** What broke, and why. */
  readonly story: string;
  readonly scenario: Scenario;
}

const KEPT = new URL('kept/', import.meta.url);

/**
 * The scenarios that ever failed. They are kept as what they are, not as the seeds that they came from: what a seed
 * draws changes with the draws.
 */
export function keptScenarios(): KeptScenario[] {
  return readdirSync(KEPT)
    .sort()
    .map((file) => ({
      name: file.replace(/\.json$/, ''),
      ...(JSON.parse(readFileSync(new URL(file, KEPT), 'utf8')) as Omit<KeptScenario, 'name'>),
    }));
}

/** Keeps a scenario that has failed. */
export function keepScenario({ name, story, scenario }: KeptScenario): void {
  writeFileSync(new URL(`${name}.json`, KEPT), `${JSON.stringify({ story, scenario }, null, 2)}\n`);
}
