import PQueue from 'p-queue';
import { Refusal } from '../../refusal.ts';

/** A guess must cost: 19 MiB and two passes for each, which is some 30 ms of a core. Algorithm: argon2id. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/**
 * The hash of no password that anybody knows, of the same cost: verifying against it takes as long as against
 * a user's, so that the time of an answer does not tell which names there are.
 */
const NOBODYS_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$xgNkx9ZazK2s06Y6RlEFaw$XIPRaZcXGYTtJ6cAcwlGE7tjC7t8DfHkE2VVxHYIm60';

/** Hashing takes threads from those that read and write files: half of them at most. */
const AT_ONCE = 2;

/** Whoever comes when so many wait is refused: the last of them waits for about half a minute. */
const MAX_WAITING = 1_000;

/** Shortest password of a new user, as NIST SP 800-63B has it; the longest is what a form may carry. */
const MIN_CHARACTERS = 8;
const MAX_BYTES = 1_024;

/** Loaded with the first password: a server that idles need not carry it. */
const argon2 = () => import('@node-rs/argon2');

const turns = new PQueue({ concurrency: AT_ONCE });

/** Runs what hashes passwords when its turn comes. Throws a Refusal where too many wait already. */
export async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (turns.size >= MAX_WAITING) {
    throw new Refusal('unavailable', 'too many users are logging in', 'try again in a minute');
  }
  return await turns.add(work);
}

/** Whether a password is the one of a hash; without a hash it takes as long and is not. Call it in turn. */
export async function isPassword(password: string, passwordHash: string | undefined): Promise<boolean> {
  const isRight = await (await argon2()).verify(passwordHash ?? NOBODYS_HASH, password);
  return isRight && passwordHash !== undefined;
}

/** Hashes a new password, in turn. Throws a Refusal for one that is too easily guessed, or too long. */
export async function hashPassword(password: string, name: string): Promise<string> {
  checkNewPassword(password, name);
  return await inTurn(async () => await (await argon2()).hash(password, COST));
}

function checkNewPassword(password: string, name: string): void {
  if ([...password].length < MIN_CHARACTERS) {
    const mend = `use ${MIN_CHARACTERS} characters or more`;
    throw new Refusal('bad-request', 'the password is too short', mend);
  }
  if (Buffer.byteLength(password) > MAX_BYTES) {
    throw new Refusal('bad-request', 'the password is too long', `use at most ${MAX_BYTES} bytes`);
  }
  if (password.toLowerCase() === name.toLowerCase()) {
    throw new Refusal('bad-request', 'the password is the name of the user', 'use another one');
  }
}
