import { CANCEL_LOCK, readRequests, UPDATE_LOCK } from '../shared/control.ts';
import type { Files } from '../shared/files.ts';
import { requestDirectory } from '../shared/repair-request.ts';
import { storeFile } from '../shared/state/store.ts';
import { AnsweredRequests, type TakenRequests } from './answered-requests.ts';
import { CONTROL_POLL_MS } from './bounds.ts';

/** Requests left in a study directory. */
export interface ControlWatch {
  /** Takes what waits, if there may be something. Throws an Error where the study directory has vanished. */
  take(now: number): TakenRequests;
  close(): void;
}

const NOTHING: TakenRequests = { requests: [], names: [], forget: () => undefined };

/**
 * Watches a study directory for lock files. The file system's notices make a request count at once; because
 * they do not travel between the hosts of a network file system, the directory is also looked at now and then.
 */
export function watchControl(
  directory: string,
  files: Files,
  ports: {
    readonly onChange: () => void;
    readonly onTrouble: (problem: string) => void;
    /** Whether a request of this name has been answered by a conductor that died before it could remove it. */
    readonly isServed: (name: string) => boolean;
  },
): ControlWatch {
  // Steps that start, or their users, may make the directory anew without what makes it a study.
  const store = storeFile(directory);
  const { onChange, onTrouble, isServed } = ports;
  let mayHaveChanged = true;
  let trouble = '';
  let lookedAt = Number.NEGATIVE_INFINITY;
  const complain = (error: unknown): void => {
    // A file system that fails for a while fails the requests too, and the steps may not notice at all.
    const { message } = error as Error;
    if (message !== trouble) onTrouble(message);
    trouble = message;
  };
  const answered = new AnsweredRequests({ files, isServed, onTrouble: complain });
  const closeRequests = files.watch(requestDirectory(directory), () => {
    mayHaveChanged = true;
    onChange();
  });
  const closeLocks = files.watch(directory, (name) => {
    if (name !== null && name !== CANCEL_LOCK && name !== UPDATE_LOCK && files.exists(store)) return;
    mayHaveChanged = true;
    onChange();
  });
  return {
    take(now) {
      // A clock that was set back must not silence the watch.
      const isDue = now - lookedAt >= CONTROL_POLL_MS || now < lookedAt;
      if (!mayHaveChanged && !isDue) return NOTHING;
      mayHaveChanged = false;
      lookedAt = now;
      if (!files.exists(store)) throw new Error(`${store} does not exist any more`);
      try {
        answered.remove();
        const taken = answered.takeUp(readRequests(directory, now, files));
        trouble = '';
        return taken;
      } catch (error) {
        complain(error);
        return NOTHING;
      }
    },
    close: () => {
      closeRequests();
      closeLocks();
    },
  };
}
