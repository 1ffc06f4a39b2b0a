import { type Observation, parseAttemptToken } from '../observation.ts';
import type { RunnerRecord } from '../runner/records.ts';

/** What a runner's record means for this study's attempts; undefined where it is about none of them. */
export function observationOf(record: RunnerRecord, studyToken: string): Observation | undefined {
  if (record.kind === 'runner' || record.kind === 'closing') return undefined;
  const key = parseAttemptToken(studyToken, record.token);
  if (key === undefined) return undefined;
  const { at } = record;
  switch (record.kind) {
    case 'started':
      return { kind: 'started', ...key, at, job: String(record.pid) };
    case 'ended': {
      const { exit, reason, userMs, systemMs, maxRssKib } = record;
      return { kind: 'ended', ...key, at, exit, reason, usage: { userMs, systemMs, maxRssKib } };
    }
    case 'failed':
      return { kind: 'unstartable', ...key, at, errno: record.errno, stage: record.stage };
    case 'dropped':
      return { kind: 'dropped', ...key, at, evidence: 'taken back before it started' };
  }
}
