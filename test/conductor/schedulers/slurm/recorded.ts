import { readFileSync } from 'node:fs';
import type { CommandResult } from '../../../../src/conductor/schedulers/command.ts';

/** A command as it was called on a real Slurm, and what it answered. */
export interface Recorded {
  readonly command: string;
  readonly output: string;
  readonly code: number;
}

const ENTRY = /^\$ (.*)\n([\s\S]*?)\[rc=(\d+)\]$/gm;

/** The calls in a file of recordings: `$ command`, the lines that it wrote, `[rc=N]`. */
export function recorded(file: string): Recorded[] {
  const url = new URL(`../../../fixtures/recorded/slurm/${file}.txt`, import.meta.url);
  const entries = [...readFileSync(url, 'utf8').matchAll(ENTRY)].map(([, command, output, code]) => {
    return { command: command!, output: output!, code: Number(code) };
  });
  if (entries.length === 0) throw new Error(`there is nothing recorded in ${file}`);
  return entries;
}

/** What a command that succeeded wrote to stdout, or one that failed to stderr. */
export function resultOf({ output, code }: Recorded): CommandResult {
  return { kind: 'exited', code, stdout: code === 0 ? output : '', stderr: code === 0 ? '' : output };
}
