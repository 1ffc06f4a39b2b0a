import type { Renewal } from '../renew/renewal.ts';
import type { StudyRecord } from '../state/study-record.ts';

/** A renewal that was planned, and how it is to be done. */
export interface PlannedRenewal {
  readonly renewal: Renewal;
  /** The study as it was when this was planned. */
  readonly before: StudyRecord;
  /** The newest event then. */
  readonly plannedAfter: number;
  /** Move the workspaces of steps that run again aside first. */
  readonly clean: boolean;
}
