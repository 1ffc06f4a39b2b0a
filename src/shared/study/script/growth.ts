import { MEMORY_OPTIONS } from '../../spec/retry.ts';
import type { Batch, Growth, SchedulerArgs } from '../../spec/specification.ts';
import type { StepText } from './step-text.ts';
import { MAX_SECONDS, parseWalltime } from './walltime.ts';

/** What a script and a scheduler's request are made of. */
export interface Asked {
  readonly batch: Batch;
  readonly step: StepText;
}

/**
 * How many times as much a step may ask for in the end as at first. A step that needs more than that has another
 * fault, and a machine that is asked for it waits for ever.
 */
const MOST_GROWTH = 100;

/** By what the first request is multiplied after it has grown so many times. */
function growthOf(factor: number | undefined, times: number): number {
  return Math.min(MOST_GROWTH, (factor ?? 1) ** times);
}

/** An amount after it has grown so many times; rounded up. */
export function grown(amount: number, factor: number | undefined, times: number): number {
  const by = growthOf(factor, times);
  // What does not grow stays as it is, fractions and all.
  return by === 1 ? amount : Math.ceil(amount * by);
}

/** The request of a step whose attempts have grown so many times: a longer walltime, more memory. */
export function grownRequest({ batch, step }: Asked, growth: Growth | undefined, times: number): Asked {
  if (growth === undefined || times === 0) return { batch, step };
  const { resources, args } = step;
  const walltime = grownWalltime(batch, resources.walltime, growth.walltime, times);
  const more = (options: SchedulerArgs) => grownMemory(batch, options, growth.memory, times);
  return {
    batch: { ...batch, args: more(batch.args) },
    step: {
      ...step,
      resources: { ...resources, ...(walltime === undefined ? {} : { walltime }) },
      ...(args === undefined ? {} : { args: more(args) }),
    },
  };
}

function grownWalltime(
  batch: Batch,
  text: string | undefined,
  factor: number | undefined,
  times: number,
): string | undefined {
  if (text === undefined || growthOf(factor, times) === 1) return text;
  const walltime = parseWalltime(text, batch.type);
  if (walltime.kind !== 'limit' || walltime.seconds === 0) return text;
  return `${Math.min(MAX_SECONDS, grown(walltime.seconds, factor, times))}s`;
}

function grownMemory(
  { type }: Batch,
  args: SchedulerArgs,
  factor: number | undefined,
  times: number,
): SchedulerArgs {
  const by = growthOf(factor, times);
  if (by === 1) return args;
  const isMemory = (option: string) => MEMORY_OPTIONS[type].includes(option.replace(/^-{1,2}/, ''));
  return Object.fromEntries(
    Object.entries(args).map(([option, text]) => [option, isMemory(option) ? multiplied(text, by) : text]),
  );
}

const SIZE = /^\s*(\d+(?:\.\d+)?)\s*([kmgtp]?)([a-z]*)\s*$/i;

const SMALLER: Readonly<Record<string, string>> = { m: 'k', g: 'm', t: 'g', p: 't' };

/** `4G` times 1.5 is `6G`, and `1G` is `1536M`: schedulers take whole numbers only. Other texts stay. */
function multiplied(text: string, by: number): string {
  const [, number, unit = '', rest = ''] = SIZE.exec(text) ?? [];
  if (number === undefined) return text;
  const amount = Number(number) * by;
  const smaller = SMALLER[unit.toLowerCase()];
  if (Number.isInteger(amount) || smaller === undefined) return `${Math.ceil(amount)}${unit}${rest}`;
  const isUpper = unit === unit.toUpperCase();
  return `${Math.ceil(amount * 1024)}${isUpper ? smaller.toUpperCase() : smaller}${rest}`;
}
