const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Flux's short form of a decimal job id, `f` or `ƒ` before it. */
export function f58(decimal: string, prefix: 'f' | 'ƒ'): string {
  let value = BigInt(decimal);
  let digits = '';
  do {
    digits = BASE58[Number(value % 58n)] + digits;
    value /= 58n;
  } while (value > 0n);
  return prefix + digits;
}

/** The decimal form of an id in any form; undefined for what is none. */
export function decimalOf(text: string): string | undefined {
  if (/^\d+$/.test(text)) return text;
  const digits = /^[fƒ]([1-9A-HJ-NP-Za-km-z]+)$/.exec(text)?.[1];
  return (
    digits && [...digits].reduce((sum, digit) => sum * 58n + BigInt(BASE58.indexOf(digit)), 0n).toString()
  );
}

/** Makes ids as an instance does: the milliseconds since its start, and a counter within each. */
export function createIds(now: () => number = Date.now): () => string {
  const start = now() - 1000;
  let last = 0n;
  return () => {
    const id = BigInt(now() - start) << 24n;
    last = id > last ? id : last + 1n;
    return last.toString();
  };
}
