const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A number of bytes for people: `0 B`, `1.5 KiB`, `2.0 GiB`. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 1023.95 would be shown as 1024.0.
  while (value >= 1023.95 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${bytes} B` : `${value.toFixed(1)} ${UNITS[unit]}`;
}
