import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { TestContext } from 'node:test';

/** What servers have answered to all requests of this process, whoever made them. */
export interface AnswersHeard {
  /** How many answers there have been. */
  count(): number;
  /** Those that a server gave as it had made a mistake, or could not do what was asked. */
  faults(): readonly string[];
}

/** The channels on which `fetch` and `node:http` tell of answers. */
const BY_FETCH = 'undici:request:headers';
const BY_HTTP = 'http.client.response.finish';

/** Listens to the answers until the test ends. */
export function hearAnswers(test: TestContext): AnswersHeard {
  let count = 0;
  const faults: string[] = [];
  const hear = (status: number, method: string, path: string): void => {
    count++;
    if (status >= 500) faults.push(`${method} ${path}: ${status}`);
  };
  const hearFetch = (message: unknown): void => {
    const { request, response } = message as {
      readonly request: { readonly method: string; readonly path: string };
      readonly response: { readonly statusCode: number };
    };
    hear(response.statusCode, request.method, request.path);
  };
  const hearHttp = (message: unknown): void => {
    const { request, response } = message as {
      readonly request: ClientRequest;
      readonly response: IncomingMessage;
    };
    hear(response.statusCode ?? 0, request.method, request.path);
  };
  subscribe(BY_FETCH, hearFetch);
  subscribe(BY_HTTP, hearHttp);
  test.after(() => {
    unsubscribe(BY_FETCH, hearFetch);
    unsubscribe(BY_HTTP, hearHttp);
  });
  return { count: () => count, faults: () => faults };
}
