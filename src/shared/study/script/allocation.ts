import type { Share } from './dialect.ts';

/** What the bracket behind a launcher says, or why it says nothing. */
export type Allocation =
  | ({ readonly kind: 'share' } & Share)
  | { readonly kind: 'mistake'; readonly what: string; readonly mend: string };

const PART = /^\s*(\d{1,9})\s*([np]?)\s*$/;

const FORMS = 'write $(LAUNCHER)[2n, 4p] for 4 processes on 2 nodes, or $(LAUNCHER)[4p]';

/**
 * Reads what stands between the brackets of `$(LAUNCHER)[…]`: `2n, 4p` in any order, `4p`, or the old
 * `nodes, procs`.
 */
export function parseAllocation(inside: string): Allocation {
  const parts = inside.split(',').map((part) => PART.exec(part));
  const amounts: { n: number[]; p: number[]; '': number[] } = { n: [], p: [], '': [] };
  for (const part of parts) {
    if (part === null) return mistake('is no allocation');
    amounts[part[2] as 'n' | 'p' | ''].push(Number(part[1]));
  }
  const { n, p, '': bare } = amounts;
  if (bare.length === 0) return newForm(n, p);
  return bare.length === 2 && parts.length === 2 ? share(bare[0], bare[1]!) : mistake('is no allocation');
}

function newForm(n: readonly number[], p: readonly number[]): Allocation {
  if (n.length > 1) return mistake('gives its nodes (n) twice');
  if (p.length > 1) return mistake('gives its procs (p) twice');
  return p.length === 0 ? mistake('gives no procs (p)') : share(n[0], p[0]!);
}

function share(nodes: number | undefined, procs: number): Allocation {
  if (nodes === 0 || procs === 0) return mistake('asks for nothing', 'give 1 or more of each');
  return { kind: 'share', nodes, procs };
}

function mistake(what: string, mend = FORMS): Allocation {
  return { kind: 'mistake', what, mend };
}
