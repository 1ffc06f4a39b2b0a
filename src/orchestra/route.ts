import type { Static, TObject, TSchema } from 'typebox';

/** Below this path stands the API of our own client. */
export const API_PREFIX = '/api/v1';

/**
 * One request that the server answers: what both ends, the validation and the OpenAPI document are made of.
 * Paths are relative to `API_PREFIX`, with `:name` for parameters. Answers are JSON, but for routes that say
 * `answers: 'bytes'`, which stream.
 */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** What it is for, in one line. */
  readonly summary: string;
  /** Who may ask: anybody, a user with a token, or an administrator. */
  readonly by: 'anybody' | 'user' | 'admin';
  readonly params?: TObject;
  readonly query?: TObject;
  readonly body?: TSchema;
  readonly answer?: TSchema;
  readonly answers?: 'bytes';
}

type Part<R extends Route, Key extends 'params' | 'query' | 'body'> = R[Key] extends TSchema
  ? { readonly [Name in Key]: Static<R[Key]> }
  : unknown;

/** What has to be said to ask for a route. */
export type Asked<R extends Route> = Part<R, 'params'> & Part<R, 'query'> & Part<R, 'body'>;

/** What a route answers. */
export type Answer<R extends Route> = R['answer'] extends TSchema ? Static<R['answer']> : undefined;
