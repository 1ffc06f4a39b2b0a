import type { User } from '../../api/users.ts';
import { Refusal } from '../../refusal.ts';
import { statement } from '../state/statement.ts';
import type { ClusterStore } from '../state/store.ts';

/** What a user may do. */
export type Role = User['role'];
/** Whether a user may log in: `registered` ones wait to be activated. */
export type UserState = User['state'];

/** A user as the store has it. Quotas are bytes and jobs; null: no bound. */
export interface UserRecord {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  /** The hash by argon2id. */
  readonly password: string;
  readonly role: Role;
  /** `registered` until an administrator activates it. */
  readonly state: UserState;
  /** The P of the LCG rule. */
  readonly maxPriority: number;
  readonly storageQuota: number | null;
  readonly jobQuota: number | null;
  readonly createdAt: number;
}

const COLUMNS = `id, name, email, password, role, state, max_priority AS maxPriority,
  storage_quota AS storageQuota, job_quota AS jobQuota, created_at AS createdAt`;

/** The user of a name, in any of its states. */
export function userByName(store: ClusterStore, name: string): UserRecord | undefined {
  return statement<UserRecord>(store, `SELECT ${COLUMNS} FROM user WHERE name = ?`).get(name);
}

/** The user of a name; throws a Refusal where there is none. */
export function knownUser(store: ClusterStore, name: string): UserRecord {
  const user = userByName(store, name);
  if (user === undefined) throw new Refusal('not-found', `there is no user ${name}`);
  return user;
}

/** The user of an id; undefined where there is none. */
export function userById(store: ClusterStore, id: number): UserRecord | undefined {
  return statement<UserRecord>(store, `SELECT ${COLUMNS} FROM user WHERE id = ?`).get(id);
}

/** All users, by name. */
export function allUsers(store: ClusterStore): UserRecord[] {
  return statement<UserRecord>(store, `SELECT ${COLUMNS} FROM user ORDER BY name`).all();
}

/** The queues that a user was given; none: whatever is open to everybody. */
export function givenQueues(store: ClusterStore, user: number): string[] {
  return statement<{ queue: string }>(store, 'SELECT queue FROM user_queue WHERE user = ? ORDER BY queue')
    .all(user)
    .map(({ queue }) => queue);
}

/** Gives a user these queues and no others; none: whatever is open to everybody. */
export function giveQueues(store: ClusterStore, user: number, queues: readonly string[]): void {
  statement(store, 'DELETE FROM user_queue WHERE user = ?').run(user);
  const give = statement(store, 'INSERT INTO user_queue (user, queue) VALUES (?, ?)');
  for (const queue of new Set(queues)) give.run(user, queue);
}

/** A user as the API and the pages show it: without the password's hash. */
export function shownUser(store: ClusterStore, record: UserRecord): User {
  const { id, password: _, ...shown } = record;
  return { ...shown, queues: givenQueues(store, id) };
}
