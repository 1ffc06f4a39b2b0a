/** How often logging in has failed in a row, and when it last did, in Unix milliseconds. */
export interface Failures {
  readonly failures: number;
  readonly lastAt: number;
}

/** How whoever fails is slowed down. Milliseconds. */
export interface SlowDown {
  /** So many failures cost nothing: people mistype. */
  readonly freeFailures: number;
  /** After the first failure that is not free; doubled by each further one. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** Without a failure for so long, all is forgotten. */
  readonly forgottenAfterMs: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * Of one account, whoever tries: 1,440 guesses a day at most. No longer than a minute, or anybody could lock
 * its user out.
 */
export const ACCOUNT: SlowDown = {
  freeFailures: 5,
  firstWaitMs: SECOND,
  longestWaitMs: MINUTE,
  forgottenAfterMs: 24 * HOUR,
};

/** Of one address, whatever accounts it tries. A whole laboratory may stand behind one. */
export const ADDRESS: SlowDown = {
  freeFailures: 20,
  firstWaitMs: SECOND,
  longestWaitMs: 15 * MINUTE,
  forgottenAfterMs: HOUR,
};

/** How long to wait before the next try, in milliseconds; 0: none. Bounded even where the clock was set back. */
export function waitBeforeNextTry(known: Failures | undefined, slowDown: SlowDown, now: number): number {
  const { freeFailures, firstWaitMs, longestWaitMs } = slowDown;
  const counted = failuresThatCount(known, slowDown, now) - freeFailures;
  if (known === undefined || counted < 0) return 0;
  const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(counted, 30));
  return Math.max(0, Math.min(wait, known.lastAt + wait - now));
}

/** The failures that are not forgotten yet. */
export function failuresThatCount(known: Failures | undefined, slowDown: SlowDown, now: number): number {
  if (known === undefined || now - known.lastAt >= slowDown.forgottenAfterMs) return 0;
  return known.failures;
}

/** What an address is slowed down by: itself, but for IPv6 its network of 64 bits, which is one subscriber's. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped !== null) return mapped[1]!;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const groups = [...front, ...Array.from({ length: zeros }, () => '0'), ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
