/**
 * Why the server does not do what it was asked for, by a word that programs can rely on. Each has one HTTP
 * status; `REFUSALS` is the whole list.
 */
export const REFUSALS = {
  /** The request itself makes no sense: a field is missing, too large, or of the wrong kind. */
  'bad-request': 400,
  /** A name that no user, dataset, task, queue or file may have. */
  'bad-name': 400,
  /** What was sent is not what was announced: another length or another hash. */
  'bad-content': 400,
  /** Who asks could not be told, or no longer may. */
  unauthenticated: 401,
  /** Registered, and not activated by an administrator yet. */
  'not-activated': 401,
  /** Who asks is known and may not do this. */
  forbidden: 403,
  'not-found': 404,
  /** There is something of that name already. */
  exists: 409,
  /** Its state does not allow this now. */
  'wrong-state': 409,
  /** Something else still needs it. */
  'in-use': 409,
  'too-large': 413,
  /** The user's share of storage or of jobs is used up. */
  'quota-exceeded': 413,
  /** A sound request that cannot become a task. */
  unprocessable: 422,
  'too-many-requests': 429,
  /** A fault of the server, which is in its log under the request's id. */
  internal: 500,
  /** The server cannot do it now, and may soon: a full disk, a locked database, a stop. */
  unavailable: 503,
} as const satisfies Record<string, number>;

/** One of the words for why a request is refused. */
export type RefusalCode = keyof typeof REFUSALS;

/**
 * A request that is refused, on either end of the wire: the server throws it, the client throws it again from
 * the answer. `message` is a sentence for the user; `mend` says what to do about it.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly mend: string | undefined;

  constructor(code: RefusalCode, message: string, mend?: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.mend = mend;
  }

  /** The HTTP status of the answer. */
  get status(): number {
    return REFUSALS[this.code];
  }
}
