import prettyMilliseconds from 'pretty-ms';

/** A span as people say it, its two largest units: `850ms`, `4s`, `2m 3s`, `3d 4h`. */
export function spanText(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`;
  return prettyMilliseconds(ms, { unitCount: 2, secondsDecimalDigits: 0 });
}

/** As `spanText`, to the second: for clocks that are read while they run. */
export function clockText(ms: number): string {
  return ms < 1000 ? '0s' : spanText(ms);
}

/** A local time as short as it can be told today: `04:45:52`, or with its day `11-21 04:45:52`. */
export function momentText(time: number, now: number): string {
  const date = new Date(time);
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
  if (new Date(now).toDateString() === date.toDateString()) return clock;
  const day = `${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
  const year = date.getFullYear() === new Date(now).getFullYear() ? '' : `${date.getFullYear()}-`;
  return `${year}${day} ${clock}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
