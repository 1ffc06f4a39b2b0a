import type { CommandResult } from '../../conductor/schedulers/command.ts';
import type { Program } from './programs.ts';

/** Whether a program is on this machine. */
export type Presence =
  /** Without a version where it tells none that can be read. */
  | { readonly kind: 'present'; readonly version?: string }
  | { readonly kind: 'missing' }
  /** It is there and gave no answer; `words` say why. */
  | { readonly kind: 'silent'; readonly words: string };

/** What the answer to the question for a program's version says of the program. */
export function presenceOf(program: Program, result: CommandResult): Presence {
  if (result.kind !== 'exited') return { kind: 'silent', words: result.words };
  const version = program.version.exec(`${result.stdout}\n${result.stderr}`)?.[1];
  if (version !== undefined) return { kind: 'present', version };
  if (program.isNameShared === true) return { kind: 'missing' };
  if (result.code === 0) return { kind: 'present' };
  return { kind: 'silent', words: firstLine(result.stderr) ?? `it exited with ${result.code}` };
}

function firstLine(text: string): string | undefined {
  return text
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '');
}
