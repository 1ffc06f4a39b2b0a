import { formatTime } from '../../shared/state/status-csv.ts';
import type { NamedEvent } from '../../shared/status/events.ts';
import { iso } from './json.ts';
import type { Theme } from './theme.ts';
import { printable } from './width.ts';

/** `2026-11-22 04:45:52  run_A: RUNNING -> FAILED (exit code 3)`, or what happened to the study as a whole. */
export function eventLine({ at, step, from, to, why }: NamedEvent, theme: Theme): string {
  const time = theme.faint(formatTime(at));
  if (step === null || from === null || to === null) return `${time}  ${theme.strong(printable(why))}`;
  return `${time}  ${printable(step)}: ${from} -> ${theme.state(to, to)} (${printable(why)})`;
}

/** An event as a line of JSON; `step`, `from` and `to` are null for what concerns the study as a whole. */
export function eventJson({ id, at, step, from, to, why }: NamedEvent): string {
  return JSON.stringify({ id, at: iso(at), step, from, to, why });
}
