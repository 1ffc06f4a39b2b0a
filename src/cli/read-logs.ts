import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { storeFile } from '../shared/state/store.ts';
import { takeOverview } from '../shared/status/snapshot.ts';
import { watchFiles } from '../shared/status/study-watcher.ts';

/** A log that is written fast is read at most this often, in milliseconds. */
const PAUSE_MS = 100;

/** Prints files whole, headed by their names where there are several. */
export async function readLogs(files: readonly string[]): Promise<void> {
  await createTail()(files);
}

/**
 * Prints files and goes on with what is appended to them, and with those that `find` answers later, such as the
 * output of another attempt, until nobody conducts the study any more.
 */
export async function followLogs(studyDirectory: string, find: () => readonly string[]): Promise<void> {
  const printNew = createTail();
  for (;;) {
    const files = find();
    const watcher = watchFiles([...files, storeFile(studyDirectory), `${storeFile(studyDirectory)}-wal`]);
    try {
      // Asked before reading: what was written before the end is then read for certain.
      const isOver = takeOverview(studyDirectory).leaseState !== 'live';
      await printNew(files);
      if (isOver) return;
      await watcher.next();
    } finally {
      watcher.close();
    }
    await setTimeout(PAUSE_MS);
  }
}

/** Prints what has come to files since it was last called. */
function createTail(): (files: readonly string[]) => Promise<void> {
  const positions = new Map<string, number>();
  let current: string | undefined;
  return async (files) => {
    for (const file of files) {
      for await (const chunk of createReadStream(file, { start: positions.get(file) ?? 0 })) {
        const block = chunk as Buffer;
        const isHeaded = files.length > 1 && current !== file;
        if (isHeaded) await write(`${current === undefined ? '' : '\n'}==> ${basename(file)} <==\n`);
        current = file;
        await write(block);
        positions.set(file, (positions.get(file) ?? 0) + block.length);
      }
    }
  };
}

async function write(block: Buffer | string): Promise<void> {
  if (!process.stdout.write(block)) await once(process.stdout, 'drain');
}
