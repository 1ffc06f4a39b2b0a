import { UserError } from '../shared/errors.ts';

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A moment as users write it, in Unix milliseconds: a day or a time of this machine's clock, or how long ago.
 * Throws a UserError for anything else.
 */
export function readMoment(text: string, now: number): number {
  const ago = /^(\d+)([mhd])$/.exec(text);
  if (ago !== null) return now - Number(ago[1]) * UNITS[ago[2]!]!;
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const isTime = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?Z?$/.test(text);
  const moment = new Date(isDay ? `${text}T00:00` : text.replace(' ', 'T')).getTime();
  if ((isDay || isTime) && !Number.isNaN(moment)) return moment;
  throw new UserError(
    `'${text}' is no time`,
    "write 2026-05-01, '2026-05-01 13:00', or 90m, 12h, 7d for so long ago",
  );
}
