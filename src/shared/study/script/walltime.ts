import type { BatchType } from '../../spec/specification.ts';

/** How long a step may run. Zero seconds are no limit, as Slurm and Flux have it. */
export type Walltime =
  | { readonly kind: 'limit'; readonly seconds: number }
  | { readonly kind: 'unlimited' }
  /** Nothing is said: a scheduler will take its queue's limit. */
  | { readonly kind: 'unsaid' }
  | { readonly kind: 'unreadable' };

/** Beyond a century a walltime is a slip of the pen, and timers overflow. */
export const MAX_SECONDS = 100 * 366 * 24 * 3600;

const UNSAID = /^(?:none|false)?$/i;
const UNLIMITED = /^(?:inf|infinity|infinite|unlimited)$/i;
const CLOCK = /^(?:(\d+)-)?(\d+(?::\d+){0,2}(?:\.\d+)?)$/;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

const UNIT_SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Reads a walltime as the study's scheduler would. All know a bare number of minutes, `H:M:S`, and we let all
 * know `D-H`, `D-H:M`, `D-H:M:S`, units (`90s`, `5m`, `1.5h`, `2d`) and `inf`, so that a study moves from one
 * scheduler to another unchanged. Only two-part times differ: `H:M` to LSF, `M:S` to everything else.
 */
export function parseWalltime(text: string, type: BatchType = 'local'): Walltime {
  const trimmed = text.trim();
  if (UNSAID.test(trimmed)) return { kind: 'unsaid' };
  if (UNLIMITED.test(trimmed)) return { kind: 'unlimited' };
  const seconds = clockSeconds(trimmed, type) ?? durationSeconds(trimmed);
  if (seconds === undefined || seconds > MAX_SECONDS) return { kind: 'unreadable' };
  return { kind: 'limit', seconds };
}

function clockSeconds(text: string, type: BatchType): number | undefined {
  const match = CLOCK.exec(text);
  if (match === null) return undefined;
  const days = match[1];
  const parts = match[2]!.split(':').map(Number);
  const unit = days === undefined ? firstPartSeconds(parts.length, type) : 3600;
  const clock = parts.reduce((sum, part, index) => sum + (part * unit) / 60 ** index, 0);
  return Number(days ?? 0) * 86_400 + clock;
}

function firstPartSeconds(parts: number, type: BatchType): number {
  if (parts === 3) return 3600;
  return parts === 2 && type === 'lsf' ? 3600 : 60;
}

function durationSeconds(text: string): number | undefined {
  const match = DURATION.exec(text);
  return match === null ? undefined : Number(match[1]) * UNIT_SECONDS[match[2]!]!;
}
