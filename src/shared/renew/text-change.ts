import { isDeepStrictEqual } from 'node:util';
import { localResources } from '../study/script/local-resources.ts';
import { renderScripts } from '../study/script/render-scripts.ts';
import type { StepText } from '../study/script/step-text.ts';
import type { Study } from '../study/study.ts';
import { stepText } from '../study/text-of-step.ts';
import type { Expanded } from './place-steps.ts';

/**
 * What another specification changes in a step's scripts: what they do, what the restart script does, what the step
 * asks for, or what its batch block says.
 */
export type TextChange = 'script' | 'restart script' | 'resources' | 'batch';

/**
 * Compares steps of two specifications, given by their places in the two expansions; both have the same study
 * directory, so that equal steps have equal texts. A description changes nothing: no script does anything with it.
 */
export function createTextComparison(
  before: Expanded,
  after: Expanded,
): (earlier: number, later: number) => TextChange | undefined {
  const hasSameBatch = isDeepStrictEqual(before.study.batch, after.study.batch);
  return (earlier, later) => {
    const old = stepText(before.study, before.expansion, earlier);
    const fresh = stepText(after.study, after.expansion, later);
    if (old.cmd !== fresh.cmd) return 'script';
    if ((old.restart ?? '') !== (fresh.restart ?? '')) return 'restart script';
    const asksForSame = hasSameRequest(old, fresh);
    // Scripts are made of the batch block and these texts alone: only where those differ they need to be written.
    if (hasSameBatch && asksForSame) return undefined;
    if (isAlike(appearance(before.study, old), appearance(after.study, fresh))) return undefined;
    return asksForSame ? 'batch' : 'resources';
  };
}

function hasSameRequest(old: StepText, fresh: StepText): boolean {
  return (
    old.isScheduled === fresh.isScheduled &&
    (old.resources === fresh.resources || isDeepStrictEqual(old.resources, fresh.resources)) &&
    (old.args === fresh.args || isDeepStrictEqual(old.args ?? {}, fresh.args ?? {}))
  );
}

/** A step as it meets the world: the text of its scripts, and beside the conductor what it takes of this machine. */
function appearance({ batch }: Study, step: StepText): unknown[] {
  const { main, restart } = renderScripts(batch, { ...step, description: '' }).scripts;
  const texts = [main.text, restart?.text];
  if (batch.type !== 'local' && step.isScheduled) return texts;
  const { cores, gpus, walltimeMs } = localResources(batch, step);
  return [...texts, cores, gpus, walltimeMs];
}

function isAlike(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}
