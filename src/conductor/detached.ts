import { basename } from 'node:path';
import { UserError } from '../shared/errors.ts';
import { shakeHands } from '../shared/handshake.ts';
import { conduct, exitCodeOf } from './main.ts';

/**
 * The program that `maestro run` leaves behind: `detached.js DIRECTORY LOG_LEVEL [LOG_FILE]`, with the handshake
 * on descriptor 3. Its standard output and error are `<name>.txt` in the study directory.
 */
async function main(): Promise<number> {
  const [directory, level, logFile] = process.argv.slice(2);
  if (directory === undefined) throw new UserError('detached.js needs a study directory');
  process.title = `conductor ${basename(directory)}`;
  // A working directory keeps its file system busy: the study's own is the one that may stay so.
  process.chdir(directory);
  let hasStarted = false;
  try {
    const ending = await conduct({
      directory,
      logLevel: Number(level ?? 2),
      ...(logFile === undefined ? {} : { logFile }),
      logToStdout: false,
      onStarted: () => {
        hasStarted = true;
        shakeHands({ kind: 'started', pid: process.pid });
      },
    });
    return exitCodeOf(ending);
  } catch (error) {
    const message = error instanceof UserError ? error.line : ((error as Error).stack ?? String(error));
    if (!hasStarted) shakeHands({ kind: 'failed', message });
    process.stderr.write(`${message}\n`);
    return 1;
  }
}

process.exitCode = await main();
