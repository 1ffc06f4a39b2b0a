import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { chunksOf, printLines } from './output.ts';

/** What a POSIX shell exits with when there is no such command. */
const COMMAND_NOT_FOUND = 127;

/** The pager that a user wants, chosen as man and git choose it. */
function chosenPager(environment: NodeJS.ProcessEnv): string {
  return environment.MANPAGER || environment.PAGER || 'less -R';
}

/** Shows lines in the user's pager, or as they are where it cannot be found. Quitting it early is no error. */
export async function page(lines: () => Iterable<string>): Promise<void> {
  // As for man and git the variable holds a command line for the shell; it comes from the user's environment
  // and nothing of ours is put into it. LESS as git sets it: short output is printed and left on the screen.
  const pager = spawn('/bin/sh', ['-c', chosenPager(process.env)], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: { LESS: 'FRX', ...process.env },
  });
  // Ctrl-C belongs to the pager, which may use it to stop a search.
  const leaveToPager = () => {};
  process.on('SIGINT', leaveToPager);
  try {
    const exited = once(pager, 'exit');
    await feed(pager.stdin, lines());
    const [code] = (await exited) as [number | null];
    if (code === COMMAND_NOT_FOUND) await printLines(lines());
  } finally {
    process.off('SIGINT', leaveToPager);
  }
}

async function feed(input: Writable, lines: Iterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(chunksOf(lines)), input);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EPIPE' && code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
