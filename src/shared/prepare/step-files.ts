import { join } from 'node:path';
import { type Files, systemFiles } from '../files.ts';
import { grownRequest } from '../study/script/growth.ts';
import { renderScripts } from '../study/script/render-scripts.ts';
import type { Expansion, Script, StepScripts, Study } from '../study/study.ts';
import { stepText } from '../study/text-of-step.ts';

/** Where a step's files are. */
export interface StepFiles {
  /** The workspace, absolute. */
  readonly directory: string;
  readonly main: string;
  readonly restart: string | undefined;
  /** Prefix of the names of its output files in the workspace. */
  readonly output: string;
}

/** Which attempt the files are for. */
export interface FilesOfAttempt {
  readonly number: number;
  /** How often its requests have grown. */
  readonly growth: number;
}

/** Executable for the user who runs it, readable for the rest, as users' scripts expect; umask applies. */
const SCRIPT_MODE = 0o744;

/**
 * Writes a step's workspace and scripts. Throws what the file system throws.
 *
 * Of a step that has been tried before, a script that its user has edited since is left as it is, while one that
 * a crash cut short, or that asks for what an earlier attempt was to get, is written again.
 */
export function writeStepFiles(
  study: Study,
  expansion: Expansion,
  step: number,
  { number, growth }: FilesOfAttempt,
  files: Files = systemFiles,
): StepFiles {
  const text = stepText(study, expansion, step);
  const grow = study.steps[expansion.template[step]!]!.retry?.grow;
  const scriptsAt = (times: number): StepScripts => {
    const asked = grownRequest({ batch: study.batch, step: text }, grow, times);
    return renderScripts(asked.batch, asked.step).scripts;
  };
  const wanted = scriptsAt(growth);
  files.makeDirectory(text.workspace);
  const scripts = scriptDirectory(study, expansion, step);
  if (study.scriptDirectory !== undefined) files.makeDirectory(scripts);
  const place = (script: Script, which: keyof StepScripts): string => {
    const file = join(scripts, script.fileName);
    const isWritten =
      number > 1 &&
      !isCutShort(file, script.text, files) &&
      (grow === undefined || isEdited(file, (times) => scriptsAt(times)[which]!.text, number, files));
    if (!isWritten) files.write(file, script.text, { mode: SCRIPT_MODE });
    return file;
  };
  const main = place(wanted.main, 'main');
  const restart = wanted.restart === undefined ? undefined : place(wanted.restart, 'restart');
  return { directory: text.workspace, main, restart, output: text.baseName };
}

/** Where a step's scripts are, or will be: absolute paths. */
export function scriptFiles(study: Study, expansion: Expansion, step: number): string[] {
  const { main, restart } = renderScripts(study.batch, stepText(study, expansion, step)).scripts;
  const directory = scriptDirectory(study, expansion, step);
  return [main, ...(restart === undefined ? [] : [restart])].map(({ fileName }) => join(directory, fileName));
}

function scriptDirectory(study: Study, { workspaces }: Expansion, step: number): string {
  return join(study.scriptDirectory ?? study.directory, workspaces[step]!);
}

function isCutShort(file: string, text: string, files: Files): boolean {
  try {
    const found = files.read(file);
    return found.length < text.length && text.startsWith(found);
  } catch {
    return true;
  }
}

/** Whether a script is none that one of the attempts so far was given: its user's words stand, then. */
function isEdited(file: string, textAt: (times: number) => string, number: number, files: Files): boolean {
  const found = files.read(file);
  for (let times = number - 1; times >= 0; times--) if (textAt(times).startsWith(found)) return false;
  return true;
}
