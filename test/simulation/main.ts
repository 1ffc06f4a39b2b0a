import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { drawScenario } from './draw-scenario.ts';
import { keepScenario, keptScenarios } from './kept-scenarios.ts';
import { type Failure, playMany, type Tally } from './many-runs.ts';
import { play } from './play.ts';
import { kindOf, shrink } from './shrink.ts';

/**
 * `npm run simulate -- --seed N --runs M`: plays M seeds from N on and says which of them broke a promise. The
 * first of each kind is shrunk, and its trace is printed. With `--trace` a single seed is played as it is. The
 * scenarios that have failed once come first, but for `--seeds-only`. With `--keep NAME --story TEXT` a seed that
 * fails is shrunk and becomes one of them.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '1000' },
    workers: { type: 'string', default: String(availableParallelism()) },
    enough: { type: 'string', default: '20' },
    trace: { type: 'boolean', default: false },
    'no-shrink': { type: 'boolean', default: false },
    'seeds-only': { type: 'boolean', default: false },
    keep: { type: 'string' },
    story: { type: 'string', default: '' },
  },
});

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function trace(seed: number): Promise<number> {
  const { trace: lines, violations } = await play(drawScenario(seed), { isTraced: true });
  for (const line of lines) say(line);
  return violations.length;
}

async function many(seed: number, runs: number): Promise<number> {
  const began = performance.now();
  const tally = await playMany({
    seed,
    runs,
    workers: Number(values.workers),
    enough: Number(values.enough),
  });
  const seconds = (performance.now() - began) / 1000;
  const seen = new Map<string, number[]>();
  for (const { violations, seed: failed } of tally.failures) {
    const kind = kindOf(violations)!;
    seen.set(kind, [...(seen.get(kind) ?? []), failed]);
  }
  for (const [kind, seeds] of seen) {
    say(`${seeds.length} times: ${kind}\n  seeds ${seeds.slice(0, 8).join(' ')}`);
  }
  if (!values['no-shrink']) {
    for (const seeds of seen.values()) {
      await tell(tally.failures.find((failure) => failure.seed === seeds[0])!);
    }
  }
  report(tally, seconds);
  return tally.failures.length;
}

/** Plays the scenarios that have failed once. */
async function again(): Promise<number> {
  let failures = 0;
  for (const { name, scenario } of keptScenarios()) {
    const { violations } = await play(scenario);
    if (violations.length === 0) continue;
    failures++;
    say(`1 times: ${kindOf(violations)}\n  scenario ${name}`);
  }
  return failures;
}

/** Tells the story of a failure in as few words as it can be told. */
async function tell({ seed, violations }: Failure): Promise<void> {
  const kind = kindOf(violations)!;
  const scenario = drawScenario(seed);
  const again = await play(scenario);
  if (kindOf(again.violations) !== kind) {
    say(`\nseed ${seed} does not fail in this process: ${violations[0]}`);
    return;
  }
  const { scenario: small, tries } = await shrink(scenario, kind);
  if (values.keep !== undefined) keepScenario({ name: values.keep, story: values.story, scenario: small });
  say(`\nseed ${seed}, shrunk in ${tries} tries: ${JSON.stringify(small)}\n`);
  for (const line of (await play(small, { isTraced: true })).trace) say(line);
}

function report({ runs, events, simulatedMs, notes, failures }: Tally, seconds: number): void {
  for (const [what, times] of notes) say(`${times} times: ${what}`);
  const days = Math.round(simulatedMs / 86_400_000);
  say(
    `${runs} runs in ${seconds.toFixed(1)} s (${Math.round(runs / seconds)} a second), ${events} events, ${days} days`,
  );
  say(failures.length === 0 ? 'every promise was kept' : `${failures.length} runs broke a promise`);
}

const seed = Number(values.seed);
Error.stackTraceLimit = values.trace ? 20 : 0;
const isEnough = async (): Promise<boolean> =>
  !values['seeds-only'] && (await again()) >= Number(values.enough);
if (values.trace) process.exitCode = Math.min(1, await trace(seed));
else if (await isEnough()) process.exitCode = 1;
else process.exitCode = Math.min(1, await many(seed, Number(values.runs)));
