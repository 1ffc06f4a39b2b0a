import type { FastifyInstance } from 'fastify';
import {
  changeUser as changeRoute,
  createToken,
  listUsers,
  revokeToken,
  showMyself,
} from '../../api/users.ts';
import type { Cluster } from '../cluster.ts';
import { serveRoute } from '../http/serve-route.ts';
import { audited, originOf } from '../operation/audited.ts';
import { bearerToken } from './actor-of.ts';
import { changeUser } from './change-user.ts';
import { logIn } from './log-in.ts';
import { revokeAllTokens, revokeToken as revokeOne } from './tokens.ts';
import { allUsers, knownUser, shownUser } from './user.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Serves the routes of src/orchestra/api/users.ts. */
export function serveUserRoutes(app: FastifyInstance, cluster: Cluster): void {
  const { store, config } = cluster;
  serveRoute(app, createToken, async ({ body: { username, password }, request }) => {
    const lifetimeMs = config.users.tokenDays * DAY_MS;
    return await logIn(cluster, {
      name: username,
      password,
      kind: 'api',
      lifetimeMs,
      address: request.ip,
      request: request.id,
    });
  });
  serveRoute(app, revokeToken, ({ actor, query, request }) => {
    const action = query.all === true ? 'user.revoke-all' : 'user.revoke';
    audited(cluster, originOf(actor, request), { action, subject: actor.name }, () => {
      if (query.all === true) revokeAllTokens(store, actor.id);
      else revokeOne(store, bearerToken(request.headers.authorization)!);
    });
    return undefined;
  });
  serveRoute(app, showMyself, ({ actor }) => shownUser(store, knownUser(store, actor.name)));
  serveRoute(app, listUsers, () => allUsers(store).map((user) => shownUser(store, user)));
  serveRoute(app, changeRoute, ({ params, body, actor, request }) =>
    shownUser(store, changeUser(cluster, originOf(actor, request), params.user, body).user),
  );
}
