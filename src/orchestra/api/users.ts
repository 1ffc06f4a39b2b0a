import Type, { type Static } from 'typebox';
import type { Route } from '../route.ts';

const Name = Type.String({ minLength: 1, maxLength: 63 });
const Password = Type.String({ minLength: 1, maxLength: 1_024 });
const ByName = Type.Object({ user: Name });
const Amount = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** A user as administrators and the user see it. Sizes are bytes, times Unix milliseconds. */
export const User = Type.Object({
  name: Name,
  email: Type.String(),
  role: Type.Enum(['user', 'admin']),
  state: Type.Enum(['registered', 'active', 'inactive']),
  maxPriority: Type.Number(),
  queues: Type.Array(Type.String()),
  storageQuota: Type.Union([Type.Integer(), Type.Null()]),
  jobQuota: Type.Union([Type.Integer(), Type.Null()]),
  createdAt: Type.Integer(),
});
/** A user as administrators and the user see it. */
export type User = Static<typeof User>;

/** Gives a token for a password. */
export const createToken = {
  method: 'POST',
  path: '/tokens',
  summary: 'Get a token for a name and a password.',
  by: 'anybody',
  body: Type.Object({ username: Name, password: Password }),
  answer: Type.Object({ token: Type.String(), expiresAt: Type.Integer() }),
} as const satisfies Route;

/** Makes the token of the request worthless. */
export const revokeToken = {
  method: 'DELETE',
  path: '/tokens/current',
  summary: 'Revoke the token that this request carries, or all of its user.',
  by: 'user',
  query: Type.Object({ all: Type.Optional(Type.Boolean()) }),
} as const satisfies Route;

/** Tells a program whose token it has. */
export const showMyself = {
  method: 'GET',
  path: '/me',
  summary: 'Who this token belongs to.',
  by: 'user',
  answer: User,
} as const satisfies Route;

/** All users, for administrators. */
export const listUsers = {
  method: 'GET',
  path: '/users',
  summary: 'All users.',
  by: 'admin',
  answer: Type.Array(User),
} as const satisfies Route;

/** Changes what a user is and may; what the body leaves out stays. */
export const changeUser = {
  method: 'PATCH',
  path: '/users/:user',
  summary: 'Activate, deactivate, or change what a user may do.',
  by: 'admin',
  params: ByName,
  body: Type.Object(
    {
      state: Type.Optional(Type.Enum(['active', 'inactive'])),
      role: Type.Optional(Type.Enum(['user', 'admin'])),
      queues: Type.Optional(Type.Array(Type.String({ maxLength: 63 }), { maxItems: 100 })),
      maxPriority: Type.Optional(Type.Number({ minimum: 0 })),
      storageQuota: Type.Optional(Type.Union([Amount, Type.Null()])),
      jobQuota: Type.Optional(Type.Union([Amount, Type.Null()])),
    },
    { additionalProperties: false },
  ),
  answer: User,
} as const satisfies Route;
