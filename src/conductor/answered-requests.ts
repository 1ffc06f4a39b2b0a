import { basename } from 'node:path';
import { type ControlRequest, removeRequest, type WaitingRequest } from '../shared/control.ts';
import type { Files } from '../shared/files.ts';

/** Requests that were taken up. */
export interface TakenRequests {
  readonly requests: readonly ControlRequest[];
  /** Names of the files of those that must not be answered twice. */
  readonly names: readonly string[];
  /** To be called once the answers are on record: until then another conductor can read the requests. */
  forget(): void;
}

/** What the removal of requests needs of the world. */
interface AnsweredPorts {
  readonly files: Files;
  /** Whether a request of this name was answered by a conductor that died before it could remove it. */
  readonly isServed: (name: string) => boolean;
  readonly onTrouble: (error: unknown) => void;
}

/**
 * Requests that have been answered: their files go, as soon as the disk lets them, and count no more.
 *
 * A conductor may die between an answer and the removal of its request, so what has a file of its own is on record by
 * name, and the locks, which have none, must be such that to answer them again changes nothing.
 */
export class AnsweredRequests {
  private readonly ports: AnsweredPorts;
  /** By their files. */
  private readonly answered = new Map<string, WaitingRequest>();

  constructor(ports: AnsweredPorts) {
    this.ports = ports;
  }

  /** Takes up those that have not been answered yet, and removes those that have. */
  takeUp(waiting: readonly WaitingRequest[]): TakenRequests {
    const fresh = beforeTheStudyReopens(waiting).filter((request) => this.isFresh(request));
    this.remove();
    return {
      requests: fresh.map(({ request }) => request),
      names: fresh.filter(({ request }) => hasOwnFile(request)).map(({ file }) => basename(file)),
      forget: () => {
        for (const request of fresh) this.answered.set(request.file, request);
        this.remove();
      },
    };
  }

  /** Removes what is there yet. */
  remove(): void {
    for (const [file, request] of this.answered) {
      try {
        removeRequest(request, this.ports.files);
      } catch (error) {
        this.ports.onTrouble(error);
        return;
      }
      this.answered.delete(file);
    }
  }

  private isFresh(request: WaitingRequest): boolean {
    const { file, text } = request;
    if (this.ports.isServed(basename(file))) this.answered.set(file, request);
    const answered = this.answered.get(file);
    return answered === undefined || answered.text !== text;
  }
}

/**
 * Those that do not come after a request to cancel and open the study again: these wait until the lock is gone.
 * Whoever found it there once more would cancel what was wanted since.
 */
function beforeTheStudyReopens(waiting: readonly WaitingRequest[]): readonly WaitingRequest[] {
  const cancel = waiting.findIndex(({ request }) => request.kind === 'cancel');
  const reopens = waiting.findIndex(({ request }, index) => request.kind === 'retry' && index > cancel);
  return cancel === -1 || reopens === -1 ? waiting : waiting.slice(0, reopens);
}

function hasOwnFile({ kind }: ControlRequest): boolean {
  return kind !== 'cancel' && kind !== 'update' && kind !== 'garbage';
}
