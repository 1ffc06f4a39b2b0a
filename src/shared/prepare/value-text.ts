import { pythonText } from '../spec/python-text.ts';
import type { Placed, Scalar, Tree } from '../spec/tree.ts';

/**
 * A JavaScript value as the text that Python prints for its counterpart: True, None, 1, 1.5, 1e-07, ['a', 1].
 * So a generator gives the same study whatever language it is written in. Whole numbers print without a point,
 * since JavaScript does not tell 1 from 1.0. Throws a TypeError for what cannot be a parameter's value:
 * undefined, functions, symbols.
 */
export function valueText(value: unknown): string {
  return typeof value === 'object' && isOpaque(value) ? String(value) : pythonText(treeOf(value));
}

/** From here on Python prints even whole numbers with an exponent. */
const FIRST_EXPONENT = 1e16;

function treeOf(value: unknown): Tree {
  switch (typeof value) {
    case 'string':
      return scalar({ kind: 'text', text: value });
    case 'bigint':
      return scalar({ kind: 'integer', value });
    case 'boolean':
      return scalar({ kind: 'boolean', value });
    case 'number':
      return Number.isInteger(value) && Math.abs(value) < FIRST_EXPONENT
        ? scalar({ kind: 'integer', value: BigInt(value) })
        : scalar({ kind: 'float', value });
    case 'object':
      return value === null ? scalar({ kind: 'null' }) : collectionOf(value);
    default:
      throw new TypeError(`a value of type ${typeof value} cannot be a parameter's value`);
  }
}

function collectionOf(value: object): Tree {
  if (Array.isArray(value)) return { kind: 'list', items: value.map((item) => placed(treeOf(item))) };
  if (isOpaque(value)) return scalar({ kind: 'text', text: String(value) });
  const entries = Object.entries(value).map(
    ([name, inner]) => [name, { ...placed(treeOf(inner)), key: text(name) }] as const,
  );
  return { kind: 'mapping', entries: new Map(entries) };
}

/** Whether an object is of a class with a text of its own, such as a Date. */
function isOpaque(value: object | null): boolean {
  if (value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== Object.prototype && prototype !== null;
}

type Unsourced<T> = T extends unknown ? Omit<T, 'source'> : never;

function scalar(value: Unsourced<Scalar>): Scalar {
  return { ...value, source: '' } as Scalar;
}

const text = (value: string): Scalar => scalar({ kind: 'text', text: value });

/** Values of a generator stand nowhere in a specification. */
const placed = (value: Tree): Placed => ({ value, at: 0, keyAt: 0, start: 0, end: 0 });
