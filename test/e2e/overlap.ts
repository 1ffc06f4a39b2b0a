import type { StepOfTest } from './harness.ts';

/** A step that notes when it begins and when it ends, and what it was given; `body` runs between. */
export function noted(name: string, body: string, run: Readonly<Record<string, unknown>> = {}): StepOfTest {
  const note = (what: string): string =>
    `echo ${what} ${name} "\${CUDA_VISIBLE_DEVICES-none}" >> "$(OUTPUT_PATH)/trace"`;
  return { name, cmd: [note('begin'), body, note('end')].join('\n'), ...run };
}

/** What ran at the same time, by the notes of the steps: the names of each moment, in order. */
export function moments(lines: readonly string[]): string[][] {
  const running = new Set<string>();
  return lines.map((line) => {
    const [what, name] = line.split(' ');
    if (what === 'begin') running.add(name!);
    else running.delete(name!);
    return [...running];
  });
}
