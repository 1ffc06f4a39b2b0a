import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasInputs, INPUTS_A_FILE, inputsText, type JobMeans, settingsText } from './job-settings.ts';
import { makeOutputDirectories } from './output-directories.ts';
import { programFiles } from './study-place.ts';
import { studySpecification } from './study-specification.ts';
import type { TaskPlan } from './task-plan.ts';

const JOB_SCRIPT = fileURLToPath(new URL('../../../../native/orchestra/job.sh', import.meta.url));

/**
 * Writes what the jobs of a task read, and makes the directories that the first ones write into. The script is a copy, so that a newer version of this program does not change a
 * task that runs.
 */
export function writeProgram(plan: TaskPlan, means: JobMeans, program: string): void {
  const files = programFiles(program);
  rmSync(program, { recursive: true, force: true });
  mkdirSync(files.inputs, { recursive: true, mode: 0o700 });
  copyFileSync(JOB_SCRIPT, files.script);
  writeFileSync(files.settings, settingsText(plan, means), { mode: 0o600 });
  if (hasInputs(plan)) writeInputs(plan, means, files.inputs);
  for (const device of means.gpus) {
    mkdirSync(means.places.devices, { recursive: true });
    writeFileSync(join(means.places.devices, device), '', { flag: 'a' });
  }
  mkdirSync(join(means.places.volume, plan.owner, plan.name), { recursive: true });
  makeOutputDirectories(plan, means.places, 'first');
  writeFileSync(files.specification, studySpecification(plan, files));
}

function writeInputs({ jobs }: TaskPlan, { runtime, places }: JobMeans, directory: string): void {
  const inside = runtime.hasVolume ? '/volume' : places.volume;
  for (let first = 0; first < jobs.length; first += INPUTS_A_FILE) {
    const text = inputsText(jobs.slice(first, first + INPUTS_A_FILE), inside);
    writeFileSync(join(directory, String(first / INPUTS_A_FILE)), text);
  }
}
