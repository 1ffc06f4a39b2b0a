import { fileURLToPath } from 'node:url';

/** What a number counts, and how it is printed. */
export type Unit = 'times' | 'seconds' | 'milliseconds' | 'bytes' | 'percent of a core';

/** One limit of one benchmark and how the program did. */
export interface Claim {
  /** What was measured, such as "against ninja". */
  readonly what: string;
  readonly limit: number;
  readonly measured: number;
  readonly unit: Unit;
  /** The figures behind a ratio, for the reader who wants to know of what. */
  readonly detail: string;
}

/** One row of the table: a piece of work with its limits. */
export interface Bench {
  readonly work: string;
  /** Does the work and measures it. Throws where it cannot be measured, which fails the row. */
  readonly measure: () => Promise<readonly Claim[]>;
}

const MIB = 1024 * 1024;

function format(value: number, unit: Unit): string {
  switch (unit) {
    case 'times':
      return `${value.toFixed(2)} x`;
    case 'seconds':
      return `${value.toFixed(2)} s`;
    case 'milliseconds':
      return `${value.toFixed(1)} ms`;
    case 'bytes':
      return `${Math.round(value / MIB)} MiB`;
    case 'percent of a core':
      return `${value.toFixed(2)} %`;
  }
}

export function isMet(claim: Claim): boolean {
  // A measurement that is no number has measured nothing.
  return Number.isFinite(claim.measured) && claim.measured <= claim.limit;
}

const ROW = ['work', 'limit', 'measured', 'verdict', 'figures'] as const;

/** A Markdown table with one row a claim, which is how docs/BENCHMARKS.md has it. */
export function table(results: readonly (readonly [work: string, claim: Claim | Error])[]): string {
  const rows = results.map(([work, claim]) =>
    claim instanceof Error
      ? [work, '', '', 'FAILED', claim.message]
      : [
          `${work}, ${claim.what}`,
          `<= ${format(claim.limit, claim.unit)}`,
          format(claim.measured, claim.unit),
          isMet(claim) ? 'met' : 'MISSED',
          claim.detail,
        ],
  );
  const widths = ROW.map((title, column) =>
    Math.max(...[title, ...rows.map((row) => row[column] ?? '')].map((c) => c.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(ROW), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** Measures benches one after another, prints the table, and returns whether every limit is met. */
export async function run(benches: readonly Bench[]): Promise<boolean> {
  const results: (readonly [string, Claim | Error])[] = [];
  for (const { work, measure } of benches) {
    process.stderr.write(`${work} ...\n`);
    try {
      for (const claim of await measure()) results.push([work, claim]);
    } catch (error) {
      results.push([work, error instanceof Error ? error : new Error(String(error))]);
    }
  }
  console.log(table(results));
  return results.every(([, claim]) => !(claim instanceof Error) && isMet(claim));
}

/** Runs a bench if its file is the program: `node --import tsx bench/status.ts`. */
export async function runIfMain(url: string, bench: Bench): Promise<void> {
  if (process.argv[1] === fileURLToPath(url)) process.exitCode = (await run([bench])) ? 0 : 1;
}
