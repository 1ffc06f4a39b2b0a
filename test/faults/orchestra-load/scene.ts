import type { Connection } from '../../../src/orchestra/client/call.ts';
import { Refusal } from '../../../src/orchestra/refusal.ts';
import type { Clock } from '../../../src/shared/clock.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import type { AnswersHeard } from './answers-heard.ts';

/** What the clients of a load share: whom they ask, and until when. */
export interface Scene {
  /** Whom a user asks; the address stays the same, whichever server is there. */
  readonly connections: Readonly<Record<User, Connection>>;
  /** A directory for what clients need on this machine. */
  readonly directory: string;
  /** The file to which each job appends a line as it runs. */
  readonly trace: string;
  /** What all clients have heard. */
  readonly answers: AnswersHeard;
  /** Waits until there is a server. */
  served(): Promise<void>;
  /** Whether clients are to come to an end. */
  isOver(): boolean;
  /** Whatever the clients were told by an answer, and what they hope for. */
  readonly known: Known;
}

/** The users of a load. */
export const USERS = ['ada', 'bob', 'dora', 'eve', 'fred'] as const;
/** A user of a load. */
export type User = (typeof USERS)[number];

/** What clients know of the cluster. */
export interface Known {
  /** Whatever was, or was to be, uploaded: hashes by dataset and path. Nothing else may ever be shown. */
  readonly meant: Map<string, Map<string, string>>;
  /** Files whose storing was acknowledged, in the same way. Datasets whose deletion was ordered are not here. */
  readonly stored: Map<string, Map<string, string>>;
  /** Datasets whose deletion was acknowledged. */
  readonly deleted: Set<string>;
  /** Tasks whose creation was acknowledged, by name. */
  readonly tasks: Map<string, { readonly jobs: number; fate: 'runs' | 'is killed' | 'is deleted' }>;
}

/** Knows nothing yet. */
export function nothingKnown(): Known {
  return { meant: new Map(), stored: new Map(), deleted: new Set(), tasks: new Map() };
}

/** Adds files to those of a dataset. */
export function note(
  to: Map<string, Map<string, string>>,
  dataset: string,
  files: Iterable<[string, string]>,
): void {
  const there = to.get(dataset) ?? new Map<string, string>();
  for (const [path, hash] of files) there.set(path, hash);
  to.set(dataset, there);
}

/** An answer, and whether there had been requests before it that nothing was heard of: they may have been heeded. */
export interface Insisted<Result> {
  readonly result: Result;
  readonly isRepeated: boolean;
}

/**
 * Asks until a server answers. Throws what a server refuses, be it that it could not do it; only what broke off, or
 * found no server, is asked again, of the next server.
 */
export async function insist<Result>(
  { served }: Pick<Scene, 'served'>,
  ask: () => Promise<Result>,
): Promise<Insisted<Result>> {
  for (let isRepeated = false; ; isRepeated = true) {
    try {
      return { result: await ask(), isRepeated };
    } catch (error) {
      if (!isUnheard(error)) throw error;
      await served();
    }
  }
}

/** Whether an error says that the connection broke, or that there was none. */
function isUnheard(error: unknown): boolean {
  if (error instanceof Refusal) return error.code === 'unavailable' && error.cause !== undefined;
  // What fetch itself throws, before or amid an answer.
  return error instanceof TypeError && /fetch failed|terminated/.test(error.message);
}

/** Bears a refusal of this code: what was asked for before, and not answered, may have been done. */
export function butFor(code: Refusal['code']): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof Refusal && error.code === code)) throw error;
  };
}

/** The longest pause of a client before it tries again, in milliseconds: servers here are back within a second or two. */
const AGAIN_MS = 100;

/** A clock for clients that wait for a server, or for a task. */
export const impatientClock: Clock = {
  ...systemClock,
  after: (ms, action) => systemClock.after(Math.min(ms, AGAIN_MS), action),
};
