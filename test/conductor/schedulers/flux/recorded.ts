import { readFileSync } from 'node:fs';

/** A command line as it was given to a real Flux 0.79, and what came of it. */
export interface Recorded {
  readonly command: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

const FORM = /^([^\n]*)\n--- stdout ---\n([\s\S]*)--- stderr ---\n([\s\S]*)--- exit code: (\d+) ---\n/;

/** Reads a recording by its name, without the `.txt`. */
export function recorded(name: string): Recorded {
  const url = new URL(`../../../fixtures/recorded/flux/${name}.txt`, import.meta.url);
  const match = FORM.exec(readFileSync(url, 'utf8'));
  if (match === null) throw new Error(`${name} is no recording`);
  const [, command, stdout, stderr, code] = match;
  return { command: command!, stdout: stdout!, stderr: stderr!, code: Number(code) };
}
