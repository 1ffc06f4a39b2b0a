import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, runIfMain } from './claim.ts';
import { MAESTRO, median, use, withScratch } from './measure.ts';

const STEPS = 100;
const LIMIT_MILLISECONDS = 20;

/** A chain of steps, each of which appends the nanoseconds of its first and its last moment to a file. */
function chain(times: string): string {
  const steps = Array.from({ length: STEPS }, (_, index) => {
    const parent = index === 0 ? '' : `\n      depends: [s${index - 1}]`;
    return `  - name: s${index}
    description: link ${index}
    run:
      cmd: |
        begin=$(date +%s%N)
        echo $begin $(date +%s%N) >> ${times}${parent}`;
  });
  return `description:\n  name: latency\n  description: a chain\nstudy:\n${steps.join('\n')}\n`;
}

/** Milliseconds from the end of each step to the beginning of the next. */
function gaps(times: string): number[] {
  const moments = readFileSync(times, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(BigInt));
  if (moments.length !== STEPS) throw new Error(`${moments.length} of ${STEPS} steps have run`);
  return moments.slice(1).map(([begin], index) => Number((begin ?? 0n) - (moments[index]?.[1] ?? 0n)) / 1e6);
}

/** How long a step whose last parent has ended waits; the start of bash and of two `date` is in it. */
export const latency: Bench = {
  work: 'from the end of a step to the start of its dependant',
  measure: () =>
    withScratch(async ({ directory, env }) => {
      const spec = join(directory, 'latency.yaml');
      const times = join(directory, 'times');
      writeFileSync(spec, chain(times));
      use([process.execPath, MAESTRO, 'run', '-fg', '-y', '-o', join(directory, 'study'), spec], { env });
      const waits = gaps(times);
      const detail = `${waits.length} gaps, longest ${Math.max(...waits).toFixed(1)} ms`;
      return [
        { what: 'median', limit: LIMIT_MILLISECONDS, measured: median(waits), unit: 'milliseconds', detail },
      ];
    }),
};

await runIfMain(import.meta.url, latency);
