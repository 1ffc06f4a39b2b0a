import { closeSync, writeSync } from 'node:fs';

/** The descriptor on which a detached conductor tells whether it has started. */
const HANDSHAKE_FD = 3;

/** What a conductor tells the command that launched it, once, as one line of JSON. */
export type Handshake =
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'failed'; readonly message: string };

/** Tells the launching command and hangs up. That command may have gone by then; the study goes on. */
export function shakeHands(handshake: Handshake): void {
  try {
    writeSync(HANDSHAKE_FD, `${JSON.stringify(handshake)}\n`);
    closeSync(HANDSHAKE_FD);
  } catch {
    // Nobody listens any more.
  }
}

/** Reads a conductor's line; undefined for what is none. */
export function parseHandshake(text: string): Handshake | undefined {
  try {
    const value = JSON.parse(text) as Partial<{ kind: string; pid: number; message: string }>;
    if (value.kind === 'started' && typeof value.pid === 'number') return { kind: 'started', pid: value.pid };
    if (value.kind === 'failed' && typeof value.message === 'string') {
      return { kind: 'failed', message: value.message };
    }
  } catch {
    // A conductor that died in the middle of its line has not started.
  }
  return undefined;
}
