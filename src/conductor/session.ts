import type { StoreCopy } from '../shared/state/copy/store-copy.ts';
import type { Store } from '../shared/state/store.ts';
import type { StudyRecord } from '../shared/state/study-record.ts';
import type { Capacity } from './dispatch.ts';
import type { LogLine, Progress } from './loop-ports.ts';
import type { World } from './world.ts';

/** What stays the same while a conductor holds the lease. */
export interface Session extends World {
  readonly directory: string;
  readonly store: Store;
  readonly record: StudyRecord;
  readonly copy: StoreCopy;
  /** Of the lease. */
  readonly epoch: number;
  readonly capacity: Capacity;
  readonly log: LogLine;
  readonly onProgress: (progress: Progress) => void;
}
