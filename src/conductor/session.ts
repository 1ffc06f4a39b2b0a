import type { Logger } from 'pino';
import type { Clock } from '../shared/clock.ts';
import type { Store } from '../shared/state/store.ts';
import type { StudyRecord } from '../shared/state/study-record.ts';
import type { Capacity } from './dispatch.ts';
import type { Progress } from './loop-ports.ts';

/** What stays the same while a conductor holds the lease. */
export interface Session {
  readonly directory: string;
  readonly store: Store;
  readonly record: StudyRecord;
  /** Of the lease. */
  readonly epoch: number;
  readonly host: string;
  readonly capacity: Capacity;
  readonly log: Logger;
  readonly clock: Clock;
  readonly onProgress: (progress: Progress) => void;
}
