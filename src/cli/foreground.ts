import { takeOverview } from '../shared/status/snapshot.ts';
import { conductInForeground } from './conduct-in-foreground.ts';
import type { LogOptions } from './global-flags.ts';
import { createOnlooker } from './onlooker.ts';
import { outputTakesColour } from './output.ts';
import { createTheme } from './render/theme.ts';

/**
 * Conducts a study in this process until it ends or the user stops it, and shows how it goes. Returns the exit
 * code: 0 finished, 2 failures, 3 cancelled, 130 interrupted.
 */
export async function runInForeground(directory: string, log: LogOptions): Promise<number> {
  const theme = createTheme(outputTakesColour());
  const onlooker = await createOnlooker(takeOverview(directory), theme, log.logToStdout);
  keepConductingWhenNobodyReads();
  try {
    const exitCode = await conductInForeground(directory, { ...log, onProgress: onlooker.see });
    onlooker.finish(takeOverview(directory));
    return exitCode;
  } finally {
    onlooker.close();
  }
}

/** `maestro run --fg study.yaml | head` closes the output early; that must not stop a study. */
function keepConductingWhenNobodyReads(): void {
  process.stdout.removeAllListeners('error').on('error', () => {});
}
