import type { Clock } from '../../shared/clock.ts';
import type { LogLine } from '../loop-ports.ts';
import type { AttemptKey, Observation } from '../observation.ts';
import { FIND_PATIENCE } from './batch-bounds.ts';
import type { JobFiles } from './job-files.ts';
import type { Scheduler, Submission } from './scheduler.ts';

interface SearchPorts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly files: JobFiles;
  readonly log: LogLine;
  readonly observed: (observation: Observation) => void;
}

/** A submission whose answer nobody has: by the members' tokens, the attempts that await it. */
interface Sought {
  readonly submission: Pick<Submission, 'id' | 'file' | 'members'>;
  readonly awaiting: Map<string, AttemptKey>;
  /** By the clock that nobody sets. */
  readonly since: number;
  looks: number;
}

/**
 * Looks for submissions whose answer was lost, by a scheduler that did not answer or a conductor that died. One
 * that is not found in time is revoked: should it turn up yet, its job finds the attempt taken and stands back,
 * so the attempt can be called dropped and tried again.
 */
export class SubmissionSearch {
  private readonly ports: SearchPorts;
  private readonly found: (key: AttemptKey, job: string) => void;
  private readonly sought = new Map<string, Sought>();

  constructor(ports: SearchPorts, found: (key: AttemptKey, job: string) => void) {
    this.ports = ports;
    this.found = found;
  }

  get size(): number {
    return this.sought.size;
  }

  add(submission: Submission, keys: readonly AttemptKey[]): void {
    const awaiting = new Map(submission.members.map(({ token }, index) => [token, keys[index]!]));
    this.sought.set(submission.id, { submission, awaiting, since: this.ports.clock.elapsed(), looks: 0 });
  }

  /** Attempts that a dead conductor had recorded: those in no job script were certainly never submitted. */
  adopt(attempts: ReadonlyMap<string, AttemptKey>): void {
    if (attempts.size === 0) return;
    const unwritten = new Map(attempts);
    const since = this.ports.clock.elapsed();
    for (const { id, file, tokens } of this.ports.files.submissions()) {
      const awaiting = new Map<string, AttemptKey>();
      for (const token of tokens) {
        const key = attempts.get(token);
        if (key !== undefined) awaiting.set(token, key);
        unwritten.delete(token);
      }
      if (awaiting.size === 0) continue;
      const members = tokens.map((token) => ({ token, name: '', workspace: '', script: '' }));
      this.sought.set(id, { submission: { id, file, members }, awaiting, since, looks: 0 });
    }
    // That conductor may only be stopped, and yet go on and submit: what it submits then stands back.
    for (const [token, key] of unwritten) {
      const job = this.ports.files.revoke(token);
      if (job === undefined) this.drop(key, 'it had not been submitted');
      else this.found(key, job);
    }
  }

  async look(): Promise<void> {
    if (this.sought.size === 0) return;
    const sought = [...this.sought.values()];
    const answer = await this.ports.scheduler.find(sought.map(({ submission }) => submission));
    if (answer.kind === 'down') return;
    for (const each of sought) {
      const jobs = answer.value.get(each.submission.id);
      if (jobs === undefined) this.missed(each);
      else this.answer(each, (index) => jobs[index]);
    }
  }

  private missed(sought: Sought): void {
    const { clock, files, log } = this.ports;
    sought.looks++;
    if (sought.looks < FIND_PATIENCE.looks || clock.elapsed() - sought.since < FIND_PATIENCE.ms) return;
    log.warn(`submission ${sought.submission.id} is nowhere to be found; its steps are tried again`);
    this.answer(sought, (_index, token) => files.revoke(token));
  }

  /**
   * Gives each awaiting attempt its job, or drops it where there is none. Throws what the file system throws; those
   * that have been answered before are not asked for again then.
   */
  private answer(sought: Sought, jobOf: (index: number, token: string) => string | undefined): void {
    for (const [index, { token }] of sought.submission.members.entries()) {
      const key = sought.awaiting.get(token);
      if (key === undefined) continue;
      const job = this.ports.files.isRevoked(token) ? undefined : jobOf(index, token);
      sought.awaiting.delete(token);
      if (job === undefined) this.drop(key, 'its submission was never answered and cannot be found');
      else this.found(key, job);
    }
    this.sought.delete(sought.submission.id);
  }

  private drop(key: AttemptKey, evidence: string): void {
    this.ports.observed({ kind: 'dropped', ...key, at: this.ports.clock.now(), evidence });
  }
}
