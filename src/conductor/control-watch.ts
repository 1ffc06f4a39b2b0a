import { CANCEL_LOCK, type ControlRequest, takeRequests, UPDATE_LOCK } from '../shared/control.ts';
import type { Files } from '../shared/files.ts';
import { requestDirectory } from '../shared/repair-request.ts';
import { storeFile } from '../shared/state/store.ts';
import { CONTROL_POLL_MS } from './bounds.ts';

/** Requests left in a study directory. */
export interface ControlWatch {
  /** Takes what waits, if there may be something. Throws an Error where the study directory has vanished. */
  take(now: number): ControlRequest[];
  close(): void;
}

/**
 * Watches a study directory for lock files. The file system's notices make a request count at once; because
 * they do not travel between the hosts of a network file system, the directory is also looked at now and then.
 */
export function watchControl(
  directory: string,
  files: Files,
  onChange: () => void,
  onTrouble: (problem: string) => void,
): ControlWatch {
  // Steps that start, or their users, may make the directory anew without what makes it a study.
  const store = storeFile(directory);
  let mayHaveChanged = true;
  let trouble = '';
  let lookedAt = Number.NEGATIVE_INFINITY;
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
      if (!mayHaveChanged && !isDue) return [];
      mayHaveChanged = false;
      lookedAt = now;
      if (!files.exists(store)) throw new Error(`${store} does not exist any more`);
      try {
        const requests = takeRequests(directory, now, files);
        trouble = '';
        return requests;
      } catch (error) {
        // A file system that fails for a while fails the requests too, and the steps may not notice at all.
        const { message } = error as Error;
        if (message !== trouble) onTrouble(message);
        trouble = message;
        return [];
      }
    },
    close: () => {
      closeRequests();
      closeLocks();
    },
  };
}
