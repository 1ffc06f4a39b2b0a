import { drawScenario } from './draw-scenario.ts';
import { play } from './play.ts';

/** What a worker is asked for: the runs of these seeds. */
export interface Order {
  readonly seeds: readonly number[];
}

/** What a worker tells: which seed it plays now, and what came of its order. */
export type Word =
  | { readonly kind: 'playing'; readonly seed: number }
  | {
      readonly kind: 'played';
      readonly failures: readonly { readonly seed: number; readonly violations: readonly string[] }[];
      readonly events: number;
      readonly simulatedMs: number;
      readonly notes: readonly (readonly [string, number])[];
    };

// A program's errors are made by the thousand here, and nobody reads their stacks.
Error.stackTraceLimit = process.env.STACKS ? 12 : 0;

process.on('message', (order: Order) => {
  void answer(order);
});

async function answer({ seeds }: Order): Promise<void> {
  const failures: { seed: number; violations: readonly string[] }[] = [];
  const notes = new Map<string, number>();
  let events = 0;
  let simulatedMs = 0;
  for (const seed of seeds) {
    say({ kind: 'playing', seed });
    const result = await play(drawScenario(seed));
    events += result.events;
    simulatedMs += result.simulatedMs;
    if (result.violations.length > 0) failures.push({ seed, violations: result.violations });
    for (const [what, times] of result.notes) notes.set(what, (notes.get(what) ?? 0) + times);
  }
  say({ kind: 'played', failures, events, simulatedMs, notes: [...notes] });
}

function say(word: Word): void {
  process.send?.(word);
}
