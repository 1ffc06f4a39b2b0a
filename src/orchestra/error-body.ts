import type { RefusalCode } from './refusal.ts';

/** How a refusal looks on the wire: `{ "error": … }`. */
export interface ErrorBody {
  readonly code: RefusalCode;
  readonly message: string;
  readonly mend?: string;
  /** Names the request in the server's log; only where the fault is the server's. */
  readonly request?: string;
}
