import { delimiter, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatLocation, UserError } from '../errors.ts';
import type { Reply } from './generator-reply.ts';
import type { Request } from './generator-request.ts';

/** What a generator may answer, in characters: ten parameters of a million values each, and an end to a runaway. */
const LARGEST_REPLY = 2 ** 28;

/** Python's exit status after Ctrl-C, by our runner's word and the shell's habit. */
const INTERRUPTED = 130;

/** The languages that we have a runner for; TypeScript counts as JavaScript. */
export type Language = 'python' | 'javascript';

/** Where a generator runs, and what ends it. */
export interface RunOptions {
  /** The caller's directory: a generator's relative paths mean what they mean at the prompt. */
  readonly cwd: string;
  readonly signal?: AbortSignal;
}

/**
 * Runs a generator in a process of its own, so that whatever it prints or breaks stays apart: its standard output
 * goes to our standard error, its answer through a pipe of its own. Throws a UserError if no answer comes.
 */
export async function runGenerator(
  language: Language,
  request: Request,
  options: RunOptions,
): Promise<Reply> {
  const { program, script, environment, library } = runnerOf(language);
  // Loaded only here: most studies have no generator, and a command should start in no time.
  const { execa } = await import('execa');
  const result = await execa(program, [...script], {
    cwd: options.cwd,
    env: environment,
    input: JSON.stringify({ ...request, library }),
    stdio: ['pipe', 2, 2, 'pipe'],
    maxBuffer: { fd3: LARGEST_REPLY },
    stripFinalNewline: false,
    reject: false,
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  options.signal?.throwIfAborted();
  if (result.code === 'ENOENT' && language === 'python') {
    throw new UserError(
      `${request.file}: python3 is not on the PATH, and a generator in Python needs it`,
      'install Python 3, or write the generator in JavaScript or TypeScript',
    );
  }
  const reply = result.stdio[3];
  if (result.exitCode === 0 && reply !== undefined && reply !== '') return JSON.parse(reply) as Reply;
  if (result.exitCode === INTERRUPTED) throw new UserError('the generator was interrupted');
  throw new UserError(
    `${formatLocation({ file: request.file, line: 1, column: 1 })}: ${howItEnded(result)} without giving its parameters`,
    'let its function return',
  );
}

/** The part of a finished process that tells why it gave no answer. */
interface Ending {
  readonly isMaxBuffer: boolean;
  readonly signal?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly shortMessage?: string | undefined;
}

function howItEnded({ isMaxBuffer, signal, exitCode, shortMessage }: Ending): string {
  if (isMaxBuffer) return 'the generator gave more than can be read';
  if (signal !== undefined) return `the generator was ended by ${signal}`;
  if (exitCode !== undefined) return `the generator exited with ${exitCode}`;
  return `the generator could not be started (${shortMessage ?? 'for an unknown reason'})`;
}

/** The program that runs generators of a language. */
interface Runner {
  readonly program: string;
  readonly script: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The file that `import … from 'maestro-conductor'` means. */
  readonly library?: string;
}

/** The same from src and from dist, which lie side by side. */
const PGEN = fileURLToPath(new URL('../../../pgen', import.meta.url));

function runnerOf(language: Language): Runner {
  if (language === 'python') {
    const directory = join(PGEN, 'python');
    const path = [directory, process.env.PYTHONPATH ?? ''].filter((part) => part !== '').join(delimiter);
    // -B: no compiled files beside the user's, or in an installation that is not ours to write.
    const script = ['-B', join(directory, 'run_generator.py')];
    return { program: 'python3', script, environment: { PYTHONPATH: path } };
  }
  const library = new URL(`./parameter-generator${extname(import.meta.url)}`, import.meta.url);
  return {
    program: process.execPath,
    script: [join(PGEN, 'javascript', 'run_generator.js')],
    environment: {},
    library: fileURLToPath(library),
  };
}
