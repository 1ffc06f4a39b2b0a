import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { FUZZERS } from './fuzzers.ts';

/**
 * `npm run fuzz -- --runs N --seed S [PART OF A NAME…]`: as many tries of each fuzzer, or of those named. What breaks
 * one is shrunk and printed, with the seed and the path that make it again.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    path: { type: 'string', default: '' },
  },
});

const say = (text: string): void => void process.stdout.write(`${text}\n`);

for (const { name, open } of FUZZERS) {
  if (positionals.length > 0 && !positionals.some((part) => name.includes(part))) continue;
  const { property, clean } = open();
  try {
    const { seed, path, runs } = values;
    const options = { numRuns: Number(runs), seed: Number(seed), ...(path === '' ? {} : { path }) };
    const result = await fc.check(property, options);
    say(`${name}: ${result.failed ? 'BROKEN' : `${result.numRuns} tries`}`);
    if (!result.failed) continue;
    process.exitCode = 1;
    const { errorInstance: error } = result;
    say((await fc.asyncDefaultReportMessage(result)) ?? '');
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    clean();
  }
}
