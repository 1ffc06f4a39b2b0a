import { dirname, join } from 'node:path';
import { type Files, systemFiles } from '../files.ts';
import { renderScripts } from '../study/script/render-scripts.ts';
import type { Expansion, Script, Study } from '../study/study.ts';
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

/** Executable for the user who runs it, readable for the rest, as users' scripts expect; umask applies. */
const SCRIPT_MODE = 0o744;

/**
 * Writes a step's workspace and scripts. Throws what the file system throws.
 *
 * `keep` is for a step that has been tried before: a script that its user has edited since is left as it is,
 * while one that a crash cut short is written again.
 */
export function writeStepFiles(
  study: Study,
  expansion: Expansion,
  step: number,
  { keep, files = systemFiles }: { readonly keep: boolean; readonly files?: Files },
): StepFiles {
  const text = stepText(study, expansion, step);
  const { scripts } = renderScripts(study.batch, text);
  files.makeDirectory(text.workspace);
  const place = (script: Script): string => {
    const file = scriptFile(study, expansion.workspaces[step]!, text.workspace, script.fileName, files);
    if (!keep || isCutShort(file, script.text, files)) files.write(file, script.text, { mode: SCRIPT_MODE });
    return file;
  };
  const main = place(scripts.main);
  const restart = scripts.restart === undefined ? undefined : place(scripts.restart);
  return { directory: text.workspace, main, restart, output: text.baseName };
}

function scriptFile(
  study: Study,
  workspace: string,
  directory: string,
  fileName: string,
  files: Files,
): string {
  if (study.scriptDirectory === undefined) return `${directory}/${fileName}`;
  const file = join(study.scriptDirectory, workspace, fileName);
  files.makeDirectory(dirname(file));
  return file;
}

function isCutShort(file: string, text: string, files: Files): boolean {
  try {
    const found = files.read(file);
    return found.length < text.length && text.startsWith(found);
  } catch {
    return true;
  }
}
