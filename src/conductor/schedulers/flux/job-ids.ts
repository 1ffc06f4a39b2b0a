const DECIMAL = /^\d{1,20}$/;
const F58 = /^[fƒ]([1-9A-HJ-NP-Za-km-z]{1,11})$/;
const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** The decimal form of a job id in any form that a submit command prints; undefined for what is none. */
export function decimalId(text: string): string | undefined {
  if (DECIMAL.test(text)) return text;
  const digits = F58.exec(text)?.[1];
  if (digits === undefined) return undefined;
  let value = 0n;
  for (const digit of digits) value = value * 58n + BigInt(BASE58.indexOf(digit));
  return value.toString();
}

/** A job, and the instance that knows it: ids are unique within an instance only. */
export interface JobAddress {
  readonly id: string;
  /** Undefined: the instance that the study names, or the machine's own. */
  readonly uri: string | undefined;
}

/** The text that a job is remembered by: `ID`, or `ID@URI` where nothing else would tell the instance. */
export function jobText({ id, uri }: JobAddress): string {
  return uri === undefined ? id : `${id}@${uri}`;
}

/** Reads a job's text; undefined for what names no job of Flux. */
export function jobAddress(text: string): JobAddress | undefined {
  const at = text.indexOf('@');
  const id = decimalId(at < 0 ? text : text.slice(0, at));
  return id === undefined ? undefined : { id, uri: at < 0 ? undefined : text.slice(at + 1) };
}
