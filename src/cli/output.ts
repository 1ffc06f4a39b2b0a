import { once } from 'node:events';
import { takesColour } from './render/theme.ts';

/** Lines are written together up to this size: a write a line would cost a system call each. */
const CHUNK_CHARACTERS = 64 * 1024;

/** Lines, put together into pieces that are worth a write each. */
export function* chunksOf(lines: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const line of lines) {
    chunk += `${line}\n`;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

/** Writes many lines to the standard output, no faster than its reader takes them. */
export async function printLines(lines: Iterable<string>): Promise<void> {
  for (const chunk of chunksOf(lines)) {
    if (!process.stdout.write(chunk)) await once(process.stdout, 'drain');
  }
}

/** Writes lines to the standard output. */
export function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Writes a line to the standard error: what is for the user and not for the next program in a pipe. */
export function printAside(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Columns of the terminal; undefined where the output is none. */
export function terminalWidth(): number | undefined {
  // Some terminals do not tell how wide they are.
  return process.stdout.isTTY ? process.stdout.columns || 80 : undefined;
}

/** Whether the standard output is a terminal on which lines can be drawn again. */
export function isLiveTerminal(): boolean {
  return process.stdout.isTTY === true && process.env.TERM !== 'dumb';
}

/** Whether what is printed to the standard output may be coloured: on a terminal, unless the user objects. */
export function outputTakesColour(): boolean {
  return takesColour(process.stdout, process.env);
}
