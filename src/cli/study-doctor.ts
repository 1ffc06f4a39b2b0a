import { examineStudy, rebuildStore, type StudyExamination } from '../conductor/main.ts';
import { UserError } from '../shared/errors.ts';
import { quoteForShell } from '../shared/quote-for-shell.ts';
import { outputTakesColour, print, printAside, printLines, terminalWidth } from './output.ts';
import { healthJson, healthLines, recoverableText } from './render/study-health.ts';
import { createTheme } from './render/theme.ts';
import { EXIT_ERROR, reportError } from './report.ts';

/** Tells how a study directory is, and what to do about it. Returns the exit code: 1 where something is wrong. */
export async function examineStudyDirectory(directory: string, json: boolean): Promise<number> {
  const study = examineStudy(directory);
  const isWell = study.store.kind === 'intact';
  if (json) {
    print(JSON.stringify({ study: healthJson(study), isWell }, null, 2));
  } else {
    const options = { theme: createTheme(outputTakesColour()), width: terminalWidth() };
    await printLines(healthLines(study, options));
    if (!isWell) print('');
  }
  if (study.recoverable instanceof UserError) reportError(study.recoverable);
  else if (!isWell) printAside(mendOf(study));
  return isWell ? 0 : EXIT_ERROR;
}

function mendOf({ store, directory }: StudyExamination): string {
  if (store.kind === 'intact' || store.kind === 'unusable')
    return 'this is nothing that --rebuild could mend';
  return `the store can be restored: \`maestro doctor --rebuild ${quoteForShell(directory)}\``;
}

/** Makes the store of a study anew, where it is damaged. Returns the exit code. */
export function rebuildStudy(directory: string, json: boolean): number {
  const study = examineStudy(directory);
  const { store } = study;
  if (store.kind === 'unusable')
    throw new UserError(store.problem, 'this is nothing that --rebuild could mend');
  if (store.kind === 'intact') {
    if (json) print(JSON.stringify({ study: healthJson(study), rebuilt: null }, null, 2));
    else print(`the store of ${study.directory} is intact: there is nothing to restore`);
    return 0;
  }
  const rebuilt = rebuildStore(study.directory);
  const { kept, refused, plan } = rebuilt;
  if (json) {
    const { events, judged, counts } = plan;
    const told = { kept: kept ?? null, refused, events, judged, counts: Object.fromEntries(counts) };
    print(JSON.stringify({ study: healthJson(examineStudy(study.directory)), rebuilt: told }, null, 2));
    return 0;
  }
  print(
    `the store of ${study.directory} is restored`,
    recoverableText(rebuilt).replace('Recoverable', 'It comes'),
  );
  if (refused > 0) print(`${refused} rows made no sense and are left out`);
  if (kept !== undefined) print(`the damaged one is kept: ${kept}`);
  print(`go on with it: maestro resume ${quoteForShell(study.directory)}`);
  return 0;
}
