import { type FSWatcher, watch } from 'node:fs';

/**
 * Calls back when an entry of a directory changes, with its name where the system tells it. Best effort: a
 * machine may be out of inotify watches, and changes made on other hosts of a network file system are not told,
 * so whoever depends on a change looks for it now and then as well. The function that it returns stops it.
 */
export function watchDirectory(directory: string, onChange: (name: string | null) => void): () => void {
  let watcher: FSWatcher;
  try {
    watcher = watch(directory, { persistent: false }, (_event, name) => onChange(name));
  } catch {
    return () => undefined;
  }
  watcher.on('error', () => watcher.close());
  return () => watcher.close();
}
