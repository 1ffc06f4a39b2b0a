import type { Exit, Usage } from '../shared/state/transition.ts';

/** Which attempt an observation is about. */
export interface AttemptKey {
  readonly step: number;
  readonly number: number;
}

/**
 * What the world told about an attempt. Observations may come twice (a conductor that recovers reads again
 * what its predecessor had read) and about attempts that are long over: `settle` ignores those.
 */
export type Observation =
  | ({ readonly kind: 'started'; readonly at: number; readonly job: string } & AttemptKey)
  | ({
      readonly kind: 'ended';
      readonly at: number;
      readonly exit: Exit;
      readonly usage: Usage;
      /** Who ended it: nobody, the walltime, or a cancellation. */
      readonly reason: 'none' | 'walltime' | 'cancelled';
    } & AttemptKey)
  | ({
      readonly kind: 'unstartable';
      readonly at: number;
      readonly errno: string;
      readonly stage: string;
    } & AttemptKey)
  /** A scheduler has taken the job. */
  | ({ readonly kind: 'accepted'; readonly at: number; readonly job: string } & AttemptKey)
  /** A scheduler would not take the job. */
  | ({ readonly kind: 'rejected'; readonly at: number; readonly words: string } & AttemptKey)
  /** A scheduler tells where the job is. */
  | ({
      readonly kind: 'reported';
      readonly at: number;
      readonly state: 'QUEUED' | 'WAITING' | 'RUNNING' | 'FINISHING';
      readonly startedAt?: number;
      readonly words: string;
    } & AttemptKey)
  /** A scheduler, or the job's own record, tells how it ended. */
  | ({
      readonly kind: 'concluded';
      readonly at: number;
      readonly outcome: 'FINISHED' | 'FAILED' | 'TIMEDOUT' | 'HWFAILURE' | 'CANCELLED';
      readonly exit?: Exit;
      readonly usage?: Usage;
      readonly startedAt?: number;
      readonly words: string;
    } & AttemptKey)
  | ({ readonly kind: 'dropped'; readonly at: number; readonly evidence: string } & AttemptKey)
  | ({ readonly kind: 'lost'; readonly at: number; readonly evidence: string } & AttemptKey)
  | ({ readonly kind: 'hardware'; readonly at: number; readonly evidence: string } & AttemptKey);

/** The observations of one kind. */
export type ObservationOf<Kind extends Observation['kind']> = Extract<Observation, { readonly kind: Kind }>;

/** The name under which an attempt travels: in the runner's records and in the step's environment. */
export function attemptToken(studyToken: string, { step, number }: AttemptKey): string {
  return `${studyToken}.${step}.${number}`;
}

/** The attempt that a token names, if it is one of this study's. */
export function parseAttemptToken(studyToken: string, token: string): AttemptKey | undefined {
  const [study, step, number, ...rest] = token.split('.');
  if (study !== studyToken || rest.length > 0 || !/^\d+$/.test(step ?? '') || !/^\d+$/.test(number ?? '')) {
    return undefined;
  }
  return { step: Number(step), number: Number(number) };
}
