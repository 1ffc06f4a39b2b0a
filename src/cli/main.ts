import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseCommandLine } from './argv.ts';
import { reportError } from './report.ts';

/** The package's directory, where the parser finds its settings and its manifest. */
const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs one command line to its end and returns its exit code. The version is answered before the parser is
 * loaded, because scripts and prompts ask for it often.
 */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  endQuietlyWhenNobodyReads();
  const line = parseCommandLine(words);
  if (line.kind === 'version') {
    process.stdout.write(`${versionLine()}\n`);
    return 0;
  }
  try {
    const { flush, run, settings } = await import('@oclif/core');
    // What is installed is compiled. NODE_ENV would say so too, but every step of a study would inherit it.
    settings.enableAutoTranspile = false;
    const result = await run([...line.argv], PROJECT);
    await flush();
    return typeof result === 'number' ? result : 0;
  } catch (error) {
    return reportError(error);
  }
}

/** `maestro-conductor 0.1.0, node v20.20.2, linux x64`: what to put into a bug report. */
function versionLine(): string {
  const { name, version } = createRequire(import.meta.url)('../../package.json') as Record<string, string>;
  return `${name} ${version}, node ${process.version}, ${process.platform} ${process.arch}`;
}

/** `maestro status DIR | head` closes the output early: that is no error, there is only nothing left to do. */
function endQuietlyWhenNobodyReads(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}
