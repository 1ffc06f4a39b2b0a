import type { Retry } from '../../src/shared/spec/specification.ts';
import type { Limits } from '../../src/shared/state/transition.ts';

/** One template of a made-up study; see `FakeTemplate`. Parents come before their children. */
export interface TemplatePlan {
  readonly steps: number;
  readonly parents: readonly number[];
  readonly funnels: readonly number[];
  readonly cores: number;
  readonly gpus: number;
  /** Seconds; 0: no limit. */
  readonly walltime: number;
  readonly hasRestart: boolean;
  /** When its steps are tried again by themselves; absent where the limits alone say. */
  readonly retry?: Retry;
  readonly isScheduled: boolean;
}

/** The study that a scenario conducts, and what its steps are like. */
export interface StudyPlan {
  readonly templates: readonly TemplatePlan[];
  readonly limits: Limits;
  readonly cores: number;
  readonly gpus: number;
  readonly resubmits: number;
  /** Whether alike steps go to the scheduler as arrays. */
  readonly arrays: boolean;
  /** How often an attempt fails by itself. */
  readonly failing: number;
  /** The longest that most steps run, in milliseconds. */
  readonly longest: number;
}

/** How the batch scheduler behaves throughout. */
export interface ClusterPlan {
  /** How often a poll omits a job that it should know, or repeats what it said before. */
  readonly noise: number;
  /** For how long a job that has ended is remembered, in milliseconds. */
  readonly memory: number;
  /** Whether a job whose node has failed is started again by the scheduler. */
  readonly requeues: boolean;
  readonly arrayLimit: number;
}

/** The hosts that share the study's disk. */
export const HOSTS = ['login1', 'login2'] as const;
export type HostName = (typeof HOSTS)[number];

/** What a disk may refuse with. */
export type DiskCode = 'ENOSPC' | 'EIO' | 'EROFS';

/** What befalls a conductor at its n-th effect on the world. Conductors are counted in the order of their starts. */
export interface EffectFault {
  readonly kind: 'at-effect';
  readonly conductor: number;
  readonly effect: number;
  readonly what: /** Killed before the effect, in its middle, or right after it. */
    | { readonly kind: 'killed'; readonly when: 'before' | 'within' | 'after' }
    /** The one effect fails. */
    | { readonly kind: 'refused'; readonly code: DiskCode }
    /**
     * Stopped for so many milliseconds, there or at the next effect that can wait: an order to the runner or the
     * scheduler, which then comes as late as that.
     */
    | { readonly kind: 'stopped'; readonly ms: number; readonly where: 'there' | 'before an order' };
}

/** What becomes of the n-th submission to the batch scheduler. */
export interface SubmissionFault {
  readonly kind: 'submission';
  readonly n: number;
  readonly fate: 'unanswered' | 'swallowed' | 'late' | 'twice' | 'refused' | 'refused for now';
}

/** The runner that starts the n-th local step is killed before it has told anybody. */
export interface RunnerFault {
  readonly kind: 'runner dies starting';
  readonly n: number;
}

/** What happens at a time, in milliseconds from the start. */
export type TimedFault = { readonly at: number } & (
  | { readonly kind: 'kill conductor' | 'kill runner'; readonly host: HostName }
  /** Asked to leave, once or twice. */
  | { readonly kind: 'terminate conductor'; readonly host: HostName; readonly times: number }
  | {
      readonly kind: 'stop conductor' | 'stop runners' | 'suspend host';
      readonly host: HostName;
      readonly ms: number;
    }
  | { readonly kind: 'reboot host'; readonly host: HostName; readonly ms: number }
  | { readonly kind: 'set clock'; readonly host: HostName; readonly by: number }
  | {
      readonly kind: 'disk trouble';
      readonly ms: number;
      readonly code: DiskCode;
      readonly where: 'store' | 'files' | 'everywhere';
      /** Whether files cannot be read either. */
      readonly reads: boolean;
    }
  /** Somebody else starts a conductor too. */
  | { readonly kind: 'start conductor'; readonly host: HostName }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'update'; readonly text: string; readonly how: 'at once' | 'torn' }
  | { readonly kind: 'pause'; readonly ms: number }
  | { readonly kind: 'cancel steps'; readonly steps: readonly number[] }
  /** Of a study that has ended as well. Steps that have not settled are refused. */
  | {
      readonly kind: 'retry';
      readonly steps: readonly number[] | 'all that did not finish';
      readonly descendants: boolean;
      readonly clean: boolean;
    }
  | { readonly kind: 'scheduler down'; readonly ms: number }
  /** The scheduler forgets everything and counts its jobs from 1 again. */
  | { readonly kind: 'scheduler restarts'; readonly ms: number; readonly jobsLive: boolean }
  | { readonly kind: 'node fails' }
);

/** Something that goes wrong. */
export type Fault = EffectFault | SubmissionFault | RunnerFault | TimedFault;

/** All of a run: the same scenario is the same run, event by event. */
export interface Scenario {
  /** Of the small draws that are made while it runs: latencies, how long a step takes. */
  readonly seed: number;
  readonly study: StudyPlan;
  readonly cluster: ClusterPlan;
  readonly faults: readonly Fault[];
}
