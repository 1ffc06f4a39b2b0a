import { watchStores } from './study-watcher.ts';

/**
 * Looks at a study now and whenever it changes, until the look finds something. Undefined where it has found
 * nothing within the bound, in milliseconds.
 */
export async function waitForStudy<Found>(
  directory: string,
  boundMs: number,
  look: () => Found | undefined | Promise<Found | undefined>,
): Promise<Found | undefined> {
  // Watched before the first look, so that no change falls between the two.
  const watcher = watchStores([directory]);
  const deadline = performance.now() + boundMs;
  try {
    for (;;) {
      const found = await look();
      if (found !== undefined || performance.now() > deadline) return found;
      await watcher.next();
    }
  } finally {
    watcher.close();
  }
}
