import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { storeFile } from '../state/store.ts';

/**
 * File systems of other hosts tell nothing of changes made there, so a watcher looks by itself this often, in
 * milliseconds. It also keeps the clocks on the screen going.
 */
const TICK_MS = 1000;

/** Tells when a study has changed. */
export interface Watcher {
  /** Resolves at the next change, a tick later, or once closed. */
  readonly next: () => Promise<void>;
  readonly close: () => void;
}

/** Watches files for changes of their content; they need not exist yet, but their directories must. */
export function watchFiles(files: readonly string[]): Watcher {
  let wake: (() => void) | undefined;
  let isDue = false;
  let isClosed = false;
  const signal = () => {
    isDue = true;
    wake?.();
  };
  const watchers = files.flatMap((file) => watchFile(file, signal));
  return {
    next: () =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          wake = undefined;
          isDue = false;
          resolve();
        };
        const timer = setTimeout(done, TICK_MS);
        wake = done;
        if (isDue || isClosed) done();
      }),
    close: () => {
      isClosed = true;
      for (const watcher of watchers) watcher.close();
      wake?.();
    },
  };
}

/** Watches the stores of studies. A reader makes and removes files beside them, so only content counts. */
export function watchStores(studyDirectories: readonly string[]): Watcher {
  return watchFiles(studyDirectories.map(storeFile).flatMap((file) => [file, `${file}-wal`]));
}

/** No watcher where there are too many already, or a file system without them: the tick has to do. */
function watchFile(file: string, onChange: () => void): FSWatcher[] {
  const name = basename(file);
  try {
    const watcher = watch(dirname(file), { persistent: false }, (event, changed) => {
      if (event === 'change' && changed === name) onChange();
    });
    return [watcher.on('error', () => {})];
  } catch {
    return [];
  }
}
