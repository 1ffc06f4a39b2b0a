/** What an entry of `depends` means: the step that it names, and whether all of that step's combinations. */
export interface Dependency {
  readonly kind: 'plain' | 'funnel';
  readonly step: string;
}

/**
 * Reads an entry of `depends`: `x` is step x, `x_*` and `x*` are its funnel. A step that is literally called so
 * wins. Undefined where no step is meant.
 */
export function readDependency(text: string, isStep: (name: string) => boolean): Dependency | undefined {
  if (isStep(text)) return { kind: 'plain', step: text };
  if (!text.endsWith('*')) return undefined;
  const step = [text.slice(0, -1).replace(/_$/, ''), text.slice(0, -1)].find(isStep);
  return step === undefined ? undefined : { kind: 'funnel', step };
}
