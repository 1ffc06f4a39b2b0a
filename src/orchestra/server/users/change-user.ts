import type { changeUser as route } from '../../api/users.ts';
import { Refusal } from '../../refusal.ts';
import type { Asked } from '../../route.ts';
import type { Cluster } from '../cluster.ts';
import { audited, type Origin } from '../operation/audited.ts';
import { statement } from '../state/statement.ts';
import type { ClusterStore } from '../state/store.ts';
import { killTasksOf } from '../tasks/kill-task.ts';
import { hashPassword } from './password.ts';
import { checkQueues } from './queues.ts';
import { revokeAllTokens } from './tokens.ts';
import { giveQueues, knownUser, type UserRecord } from './user.ts';

/** What of a user is to be changed; what is absent stays. */
export type UserChange = Asked<typeof route>['body'];

/** A user that has been changed. */
export interface ChangedUser {
  readonly user: UserRecord;
  /** Tasks that are killed because the user has been deactivated. */
  readonly killed: readonly string[];
}

/**
 * Changes a user. One that is deactivated is logged out everywhere, and has its tasks killed: nobody is left who
 * answers for them. Throws a Refusal where there is no such user or queue, and where nobody would be left to
 * administer the cluster.
 */
export function changeUser(cluster: Cluster, origin: Origin, name: string, change: UserChange): ChangedUser {
  const { store, config } = cluster;
  if (change.queues !== undefined) checkQueues(config, change.queues);
  return audited(cluster, origin, { action: actionOf(change), subject: name }, (): ChangedUser => {
    const user = knownUser(store, name);
    const after = { ...user, ...change };
    checkAdministratorIsLeft(store, user, after);
    statement(
      store,
      'UPDATE user SET state = ?, role = ?, max_priority = ?, storage_quota = ?, job_quota = ? WHERE id = ?',
    ).run(after.state, after.role, after.maxPriority, after.storageQuota, after.jobQuota, user.id);
    if (change.queues !== undefined) giveQueues(store, user.id, change.queues);
    if (after.state !== 'active') revokeAllTokens(store, user.id);
    const killed = change.state === 'inactive' ? killTasksOf(cluster, origin, user.id) : [];
    return { user: knownUser(store, name), killed };
  });
}

/** Gives a user another password, and logs it out everywhere. Throws a Refusal for a weak password. */
export async function setPassword(
  cluster: Cluster,
  origin: Origin,
  name: string,
  password: string,
): Promise<void> {
  const { store } = cluster;
  knownUser(store, name);
  const hash = await hashPassword(password, name);
  audited(cluster, origin, { action: 'user.password', subject: name }, () => {
    const { id } = knownUser(store, name);
    statement(store, 'UPDATE user SET password = ? WHERE id = ?').run(hash, id);
    revokeAllTokens(store, id);
  });
}

/** What a change is called in the audit log: `user.activate`, `user.role=admin`, `user.queues+jobQuota`. */
function actionOf({ state, role, ...rest }: UserChange): string {
  const words = [
    ...(state === undefined ? [] : [state === 'active' ? 'activate' : 'deactivate']),
    ...(role === undefined ? [] : [`role=${role}`]),
    ...Object.keys(rest),
  ];
  return `user.${words.join('+')}`;
}

function checkAdministratorIsLeft(
  store: ClusterStore,
  before: UserRecord,
  after: Pick<UserRecord, 'role' | 'state'>,
): void {
  const isOne = ({ role, state }: Pick<UserRecord, 'role' | 'state'>): boolean =>
    role === 'admin' && state === 'active';
  if (!isOne(before) || isOne(after)) return;
  const others = statement<{ others: number }>(
    store,
    `SELECT count(*) AS others FROM user WHERE role = 'admin' AND state = 'active' AND id <> ?`,
  ).get(before.id)!.others;
  if (others > 0) return;
  const mend = 'make another user an administrator first';
  throw new Refusal('wrong-state', `${before.name} is the only administrator`, mend);
}
