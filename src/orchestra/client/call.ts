import type { ErrorBody } from '../error-body.ts';
import { REFUSALS, Refusal } from '../refusal.ts';
import { type Answer, API_PREFIX, type Asked, type Route } from '../route.ts';

/** Whom the client speaks to, and by whose token. */
export interface Connection {
  /** Such as `https://cluster.example.org`, without a slash at the end. */
  readonly server: string;
  readonly token?: string;
}

/** How long the server may take to begin an answer, in milliseconds: longer than any request of the API works. */
const ANSWER_MS = 60_000;

/**
 * Asks the server for a route of the API. Throws a Refusal with the server's own words, and one of code
 * `unavailable` where no server answers.
 */
export async function call<R extends Route>(
  connection: Connection,
  route: R,
  asked: Asked<R>,
  signal?: AbortSignal,
): Promise<Answer<R>> {
  const response = await ask(connection, route, asked, signal);
  if (route.answer === undefined) return undefined as Answer<R>;
  return (await response.json()) as Answer<R>;
}

/** Like `call`, for routes that answer bytes: the response, of which nothing is read yet. */
export async function ask<R extends Route>(
  connection: Connection,
  route: R,
  asked: Asked<R>,
  signal?: AbortSignal,
): Promise<Response> {
  const { body } = asked as { readonly body?: unknown };
  const url = routeUrl(connection, route, asked);
  const response = await fetchFrom(connection, url, {
    method: route.method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: signal ?? AbortSignal.timeout(ANSWER_MS),
  });
  if (!response.ok) throw await refusalOf(response);
  return response;
}

/** The address of a route, with its parameters and query filled in. */
export function routeUrl<R extends Route>({ server }: Connection, route: R, asked: Asked<R>): URL {
  const { params = {}, query = {} } = asked as {
    readonly params?: Readonly<Record<string, unknown>>;
    readonly query?: Readonly<Record<string, unknown>>;
  };
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const url = new URL(`${server}${API_PREFIX}${path}`);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

/** Fetches with the connection's token. Throws a Refusal of code `unavailable` where no server answers. */
export async function fetchFrom(connection: Connection, url: URL, init: RequestInit): Promise<Response> {
  const { token, server } = connection;
  const headers = new Headers(init.headers);
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  try {
    return await fetch(url, { ...init, headers });
  } catch (error) {
    const { name, cause } = error as Error & { readonly cause?: { readonly code?: string } };
    // Whoever has stopped it knows why.
    if (name !== 'TimeoutError' && init.signal?.aborted === true) throw error;
    const why = name === 'TimeoutError' ? 'it does not answer' : (cause?.code ?? (error as Error).message);
    const mend = 'see that it runs there, or name another with --server or MAESTRO_SERVER';
    throw new Refusal('unavailable', `the server ${server} cannot be reached (${why})`, mend, {
      cause: error,
    });
  }
}

/** What a refused request was refused for. */
export async function refusalOf(response: Response): Promise<Refusal> {
  return refusalFromText(await response.text(), `${response.status} ${response.statusText}`);
}

/** What an answer says that a request was refused for; `status` is told where it says nothing of the kind. */
export function refusalFromText(text: string, status: string): Refusal {
  try {
    const { code, message, mend, request } = (JSON.parse(text) as { error: ErrorBody }).error;
    if (!Object.hasOwn(REFUSALS, code)) throw new Error('no code of ours');
    return new Refusal(code, request === undefined ? message : `${message} (request ${request})`, mend);
  } catch {
    const mend = 'see that the address is that of a Maestro server';
    return new Refusal('unavailable', `the server answered ${status}`, mend);
  }
}
