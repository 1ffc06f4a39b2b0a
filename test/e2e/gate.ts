import { writeFileSync } from 'node:fs';
import type { StepOfTest } from './harness.ts';
import type { StudyUnderTest } from './study-under-test.ts';

/** A step that says that it begins, waits until the test opens the gate, and says that it ends. */
export function gated(name: string, run: Readonly<Record<string, unknown>> = {}): StepOfTest {
  const cmd = [
    `echo begin ${name} >> "$(OUTPUT_PATH)/trace"`,
    'while [ ! -e "$(OUTPUT_PATH)/gate" ]; do sleep 0.02; done',
    `echo end ${name} >> "$(OUTPUT_PATH)/trace"`,
  ];
  return { name, cmd: cmd.join('\n'), ...run };
}

/** Lets the gated steps of a study go on. */
export function openGate(study: StudyUnderTest): void {
  writeFileSync(study.path('gate'), '');
}
