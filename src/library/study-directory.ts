import { resolve } from 'node:path';
import { refusalOf, retriedCount } from '../shared/repair-answer.ts';
import { retryChoice } from '../shared/retry-choice.ts';
import { sendCancel } from '../shared/send-cancel.ts';
import { launchUnlessConducted, type SentRepair, sendRepair } from '../shared/send-repair.ts';
import { isStudyDirectory } from '../shared/state/store.ts';
import { eventsOf } from '../shared/status/events.ts';
import { createStepFilter } from '../shared/status/step-filter.ts';
import type { Foreground, LogOptions } from './conducting.ts';
import { changesOf, type StudyChange, type WatchOptions } from './study-changes.ts';
import { coded, StudyError, withCodes } from './study-error.ts';
import { readStatus, type StudyStatus } from './study-status.ts';
import { filterTexts, readSteps, rowsOf, type StepChoice, type StudyStep } from './study-steps.ts';

/** How `wait` waits. */
export interface WaitOptions {
  /** Told how the study stands, now and whenever that has changed. */
  readonly onProgress?: (status: StudyStatus) => void;
  /** Ends the waiting, not the study; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** Which steps are run again: all that did not finish, or those of a choice. */
export interface RetryOptions extends StepChoice, LogOptions {
  /** Only the steps chosen, and not what depends on them. */
  readonly only?: boolean;
  /** Move their workspaces aside first, each to `<workspace>.attempt-N`. */
  readonly clean?: boolean;
}

/** What a retry has done. */
export interface Retried {
  /** How many steps run again. */
  readonly count: number;
  /** Why some of those chosen do not. */
  readonly refused: readonly string[];
}

/**
 * A study that has its directory: one that `Study.run` has begun, or any other, opened. What is asked of it is asked
 * of its conductor, wherever that is; where nobody conducts it and somebody must, a conductor is started.
 *
 * Every method throws a StudyError.
 */
export class StudyDirectory {
  /** Absolute path. */
  readonly path: string;
  readonly #foreground: Foreground | undefined;

  /** For `Study.run` and `Study.open`. */
  constructor(path: string, foreground?: Foreground) {
    this.path = path;
    this.#foreground = foreground;
  }

  /** Opens the study of a directory. Throws a StudyError where there is none. */
  static open(directory: string): Promise<StudyDirectory> {
    return withCodes(() => {
      const path = resolve(directory);
      if (!isStudyDirectory(path)) throw new StudyError('no-study', `${path} is no study directory`);
      readStatus(path);
      return new StudyDirectory(path);
    });
  }

  /** How the study stands now. */
  status(): Promise<StudyStatus> {
    return withCodes(() => readStatus(this.path));
  }

  /** Its steps, or those of a choice, in the order of status.csv. */
  steps(choice: StepChoice = {}): Promise<StudyStep[]> {
    return withCodes(() => readSteps(this.path, choice));
  }

  /** All that has happened and happens in the study, oldest first, until nobody conducts it any more. */
  async *watch(options: WatchOptions = {}): AsyncGenerator<StudyChange, void, undefined> {
    try {
      yield* changesOf(this.path, options);
    } catch (error) {
      throw coded(error);
    }
  }

  /**
   * Waits until the study has ended, and tells how. That steps failed is no error: look at `state`. Throws a
   * StudyError of code `not-conducted` where nobody conducts the study and it has not ended.
   */
  wait({ onProgress, signal }: WaitOptions = {}): Promise<StudyStatus> {
    return withCodes(async () => {
      const begun = readStatus(this.path);
      onProgress?.(begun);
      const wanted = { after: begun.lastChange, follows: true, ...(signal === undefined ? {} : { signal }) };
      for await (const _ of eventsOf(this.path, wanted)) onProgress?.(readStatus(this.path));
      signal?.throwIfAborted();
      await this.#foreground?.ended;
      const status = readStatus(this.path);
      if (status.state !== 'stopped') return status;
      throw new StudyError('not-conducted', `nobody conducts ${this.path} any more`, 'resume() goes on');
    });
  }

  /** Cancels the study, or some of its steps and what waits for them. `wait` tells when that is done. */
  cancel(choice?: StepChoice & LogOptions): Promise<void> {
    return withCodes(async () => {
      this.#refuseIfEnded();
      const log = logOf(choice);
      const { step, state, param } = filterTexts(choice ?? {});
      if (step === undefined && state === undefined && param.length === 0) return sendCancel(this.path, log);
      const filter = createStepFilter({ steps: step, states: state, params: param });
      const steps = this.#chosen(rowsOf(this.path, filter));
      answersOf(await sendRepair(this.path, { kind: 'cancel-steps', steps }, log));
    });
  }

  /** Has the study start nothing more, while what runs goes on. */
  pause(options?: LogOptions): Promise<void> {
    return withCodes(async () => {
      this.#refuseIfEnded();
      answersOf(await sendRepair(this.path, { kind: 'pause' }, logOf(options)));
    });
  }

  /** Has the study go on: one that is paused, or that nobody conducts. */
  resume(options?: LogOptions): Promise<void> {
    return withCodes(async () => {
      const { isPaused, conductor } = this.#refuseIfEnded();
      if (isPaused) answersOf(await sendRepair(this.path, { kind: 'unpause' }, logOf(options)));
      else if (conductor === undefined) await launchUnlessConducted(this.path, logOf(options));
    });
  }

  /** Runs steps again, those that did not finish where no state is given, and what depends on them. */
  retry(options: RetryOptions = {}): Promise<Retried> {
    return withCodes(async (): Promise<Retried> => {
      const { only = false, clean = false } = options;
      const { filter, descendants } = retryChoice({ ...filterTexts(options), only, clean });
      const steps = this.#chosen(rowsOf(this.path, filter));
      const answers = answersOf(
        await sendRepair(this.path, { kind: 'retry', steps, descendants, clean }, logOf(options)),
      );
      const refused = answers.flatMap((answer) => refusalOf(answer) ?? []);
      const count = answers.reduce((sum, answer) => sum + (retriedCount(answer) ?? 0), 0);
      if (count === 0 && refused.length > 0) throw new StudyError('refused', refused.join('\n'));
      return { count, refused };
    });
  }

  #refuseIfEnded(): StudyStatus {
    const status = readStatus(this.path);
    const { state } = status;
    if (state === 'running' || state === 'cancelling' || state === 'stopped') return status;
    throw new StudyError('has-ended', `${this.path} has ended: ${state}`);
  }

  #chosen(steps: readonly number[]): readonly number[] {
    if (steps.length > 0) return steps;
    throw new StudyError('no-such-step', `no step of ${this.path} matches`, 'steps() lists them');
  }
}

function logOf({ logLevel = 2 }: LogOptions = {}): { readonly logLevel: number } {
  return { logLevel };
}

/** What the conductor has answered. */
function answersOf(sent: SentRepair): readonly string[] {
  if (sent.kind === 'answered') return sent.answers;
  throw new StudyError('not-answered', 'the request is left, and no conductor has taken it yet');
}
