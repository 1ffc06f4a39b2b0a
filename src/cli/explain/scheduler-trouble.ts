/** What the conductor's log says of a scheduler that went silent, and of one that came back. */
const SILENT = /\] the scheduler does not answer: (.*)$/;
const BACK = /\] the scheduler answers again/;

/** What a scheduler that does not answer said last, by the last lines of the conductor's log. */
export function schedulerTrouble(lines: readonly string[]): string | undefined {
  for (const line of [...lines].reverse()) {
    if (BACK.test(line)) return undefined;
    const silent = SILENT.exec(line);
    if (silent !== null) return silent[1];
  }
  return undefined;
}
