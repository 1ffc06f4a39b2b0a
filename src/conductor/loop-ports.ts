import type { Clock } from '../shared/clock.ts';
import type { ControlRequest } from '../shared/control.ts';
import type { Retry } from '../shared/spec/specification.ts';
import type { Journal } from '../shared/state/journal.ts';
import type { StepState } from '../shared/state/states.ts';
import type { Limits, Transition } from '../shared/state/transition.ts';
import type { TakenRequests } from './answered-requests.ts';
import type { Capacity, Launch } from './dispatch.ts';
import type { Exporter } from './exporter.ts';
import type { Inbox } from './inbox.ts';
import type { Demand, Model } from './model.ts';
import type { AttemptKey, Observation } from './observation.ts';

/** What the loop hears: of attempts, of the user, of the system. */
export type Message =
  | { readonly kind: 'observed'; readonly observation: Observation }
  | { readonly kind: 'requested'; readonly request: ControlRequest }
  /** A signal asks the conductor, not its steps, to stop. */
  | { readonly kind: 'stop'; readonly why: string }
  /** Nobody waits for this machine's steps any more: what runs must be looked at anew. */
  | { readonly kind: 'runner-died'; readonly how: string };

/** Where steps are started and ended. Neither call waits or throws; what comes of it arrives in the inbox. */
export interface StepScheduler {
  launch(launches: readonly Launch[]): void;
  cancel(attempts: readonly AttemptKey[]): void;
  /** Starts nothing more and takes back what has not started; what runs goes on. */
  close(): void;
}

/** The part of a logger that the loop uses. */
export interface LogLine {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** What an onlooker is told after each turn that changed something. */
export interface Progress {
  readonly counts: ReadonlyMap<StepState, number>;
  readonly total: number;
  readonly transitions: readonly Transition[];
}

/** Everything that the loop needs of the world. */
export interface LoopPorts {
  readonly clock: Clock;
  readonly inbox: Inbox<Message>;
  readonly journal: Journal;
  readonly scheduler: StepScheduler;
  readonly exporter: Exporter;
  readonly log: LogLine;
  /** Requests left in the study directory. Throws where that directory has vanished. */
  readonly takeRequests: () => TakenRequests;
  readonly onProgress: (progress: Progress) => void;
  /** Moves a step's workspace out of the way of its next attempt. */
  readonly moveAside: (step: number) => void;
  /** The user has changed the limits. */
  readonly onLimits: (limits: Limits) => void;
}

/** The study as the loop finds it. */
export interface LoopStudy {
  readonly model: Model;
  /** Whether all of it runs on this machine, so that its cores and gpus can be set. */
  readonly isLocal: boolean;
  /** What the specification and the machine give. */
  readonly capacity: Capacity;
  readonly host: string;
  readonly limits: Limits;
  readonly isCancelling: boolean;
  readonly isPaused: boolean;
  /** Steps in flight that the user wants cancelled. */
  readonly doomed: readonly number[];
  readonly demandOf: (step: number) => Demand;
  readonly hasRestart: (step: number) => boolean;
  readonly retryOf: (step: number) => Retry | undefined;
  /** Whether some steps go to a scheduler. */
  readonly hasScheduled: boolean;
  readonly resubmits: number;
  readonly nameOf: (step: number) => string;
}

/** How a loop ended. `stopped` and `troubled` studies can be resumed. */
export type Ending =
  | { readonly kind: 'over'; readonly outcome: 'finished' | 'failed' | 'cancelled' }
  | { readonly kind: 'stopped'; readonly why: string }
  | { readonly kind: 'troubled'; readonly why: string }
  /** To be recovered from as if the conductor had died. */
  | { readonly kind: 'runner-died'; readonly how: string };
