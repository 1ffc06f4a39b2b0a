import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CANCEL_LOCK, requestCancel, requestUpdate, UPDATE_LOCK } from '../../../shared/control.ts';
import { hasRepairs, leaveRepair } from '../../../shared/repair-request.ts';
import { STATE_DIRECTORY } from '../../../shared/state/store.ts';
import { watchDirectory } from '../../../shared/watch-directory.ts';
import { type Standing, StudyView } from './study-view.ts';

/** A study that the engine looks after: what it sees of it, and what it has asked of its conductor. */
export class FollowedStudy {
  readonly directory: string;
  readonly view: StudyView;
  readonly isLocal: boolean;
  private readonly stopWatching: () => void;
  /** What was asked for last, until the store has it; `unknown` is what an earlier server may have asked. */
  private asked: number | 'unknown' | undefined;
  /** Up to how many jobs must have begun, counted from the study's first, before a slot is taken back. */
  private owedUntil = 0;

  constructor(directory: string, options: { canaries: number; isLocal: boolean; onChange: () => void }) {
    this.directory = directory;
    this.isLocal = options.isLocal;
    this.view = new StudyView(directory, options.canaries);
    this.stopWatching = watchDirectory(join(directory, STATE_DIRECTORY), options.onChange);
    this.asked = existsSync(join(directory, UPDATE_LOCK)) ? 'unknown' : undefined;
  }

  /** How it stands; a study that has ended and is asked to run failed jobs again has not ended. */
  standing(now: number): Standing {
    const standing = this.view.standing(now, this.isLocal);
    if (!standing.hasEnded || !hasRepairs(this.directory)) return standing;
    return { ...standing, hasEnded: false, ready: Math.max(1, this.view.failed().length) };
  }

  /** Up to how many of its jobs may run, as its conductor knows or is about to. */
  allowed(standing: Standing): number {
    const known = knownCap(standing, this.isLocal);
    if (this.asked === known) this.asked = undefined;
    return typeof this.asked === 'number' ? Math.max(known, this.asked) : known;
  }

  /** Whether it was given slots that it has not begun jobs in yet. */
  get isOwed(): boolean {
    return this.view.begun < this.owedUntil;
  }

  /**
   * Lets so many of its jobs run. Writes nothing where that is so already; a conductor that has died may have taken
   * what was asked with it.
   */
  allow(cap: number, standing: Standing): void {
    const known = knownCap(standing, this.isLocal);
    if (standing.conductor !== 'live' && this.asked !== undefined) this.asked = 'unknown';
    const expected = this.asked ?? known;
    if (cap === expected) return;
    if (typeof expected !== 'number' || cap > expected) {
      this.owedUntil = this.view.begun + cap - standing.running;
    }
    this.asked = cap;
    if (this.isLocal) requestUpdate(this.directory, { cores: cap });
    else if (cap === 0) leaveRepair(this.directory, { kind: 'pause' });
    else {
      if (cap !== standing.throttle) requestUpdate(this.directory, { throttle: cap });
      if (standing.isPaused || expected === 0) leaveRepair(this.directory, { kind: 'unpause' });
    }
  }

  /** Has all of it ended. */
  cancel(standing: Standing): void {
    if (standing.isCancelling || standing.hasEnded || existsSync(join(this.directory, CANCEL_LOCK))) return;
    requestCancel(this.directory);
  }

  close(): void {
    this.stopWatching();
    this.view.close();
  }
}

/** What the store says of how many jobs may run; behind a scheduler a throttle of 0 is none at all. */
function knownCap({ cores, throttle, isPaused }: Standing, isLocal: boolean): number {
  if (isLocal) return cores ?? 0;
  return isPaused ? 0 : throttle;
}
