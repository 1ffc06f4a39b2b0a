import { checkNewUserName } from '../../names.ts';
import { Refusal } from '../../refusal.ts';
import type { Cluster } from '../cluster.ts';
import { audited, type Origin } from '../operation/audited.ts';
import { statement } from '../state/statement.ts';
import { hashPassword } from './password.ts';
import { checkQueues } from './queues.ts';
import { giveQueues, type Role, type UserRecord, type UserState, userByName } from './user.ts';

/** A user to be. */
export interface NewUser {
  readonly name: string;
  readonly password: string;
  readonly email?: string;
  readonly role?: Role;
  /** Default `registered`: somebody has to activate it. */
  readonly state?: Exclude<UserState, 'inactive'>;
  readonly queues?: readonly string[];
}

/** What mail systems take, and no header of a mail can be made of. */
const EMAIL = /^[^\s@<>"(),:;]{1,64}@[A-Za-z0-9.-]{1,190}$/;

const BYTES_IN_MIB = 1024 * 1024;

/**
 * Adds a user, with the quotas that the configuration gives to new ones. Throws a Refusal for a name that is
 * not to be had, a weak password, an address that is none, and a queue that there is not.
 */
export async function addUser(cluster: Cluster, origin: Origin, user: NewUser): Promise<UserRecord> {
  const { name, email = '', role = 'user', state = 'registered', queues = [] } = user;
  checkNewUserName(name);
  checkEmail(email);
  checkQueues(cluster.config, queues);
  // Before the costly part, so that it cannot be had for nothing; what counts is the constraint of the table.
  if (userByName(cluster.store, name) !== undefined) throw isTaken(name);
  const password = await hashPassword(user.password, name);
  const { maxPriority, storageMiB, jobs } = cluster.config.users;
  const { store } = cluster;
  return audited(cluster, origin, { action: 'user.add', subject: name }, (): UserRecord => {
    const { changes, lastInsertRowid } = statement(
      store,
      `INSERT INTO user (name, email, password, role, state, max_priority, storage_quota, job_quota, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ).run(
      name,
      email,
      password,
      role,
      state,
      maxPriority,
      storageMiB === undefined ? null : storageMiB * BYTES_IN_MIB,
      jobs ?? null,
      cluster.clock.now(),
    );
    if (changes === 0) throw isTaken(name);
    giveQueues(store, Number(lastInsertRowid), queues);
    return userByName(store, name)!;
  });
}

function checkEmail(email: string): void {
  if (email === '' || EMAIL.test(email)) return;
  throw new Refusal('bad-request', `${JSON.stringify(email.slice(0, 100))} is no e-mail address`);
}

function isTaken(name: string): Refusal {
  return new Refusal('exists', `there is a user ${name} already`, 'choose another name');
}
