import { setTimeout } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { UserError } from '../shared/errors.ts';
import { takeSnapshot } from '../shared/status/snapshot.ts';
import type { StepFilter } from '../shared/status/step-filter.ts';
import { watchStores } from '../shared/status/study-watcher.ts';
import { isLiveTerminal } from './output.ts';
import type { PageOptions } from './render/status-page.ts';
import { watchPage } from './render/watch-page.ts';
import { openScreen } from './screen.ts';

/** A screen is drawn at most this often, in milliseconds: faster than anyone reads, slow enough to cost nothing. */
const REDRAW_MS = 200;

/** A reader of a large study takes at most this share of the time, so that it does not slow the study down. */
const READING_SHARE = 0.1;

const QUIT_KEYS = new Set(['q', 'Q', '\x03']);
const ESCAPE = '\x1b';

/** Shows studies and draws them again as they change, until the user leaves. Returns the exit code. */
export async function watchStudies(
  directories: readonly string[],
  filter: StepFilter,
  look: PageOptions,
): Promise<number> {
  if (!isLiveTerminal())
    throw new UserError('--watch needs a terminal', 'leave it out to print the status once');
  const read = () =>
    directories.map((directory) => takeSnapshot(directory, filter, look.layout === 'narrow'));
  // Before the screen is taken: an error belongs on the one that stays.
  let snapshots = read();
  const watcher = watchStores(directories);
  const keys = listenForQuit(() => watcher.close());
  const screen = openScreen(process.stdout);
  const redraw = () => screen.draw(watchPage(snapshots, { ...look, width: screen.width() }, screen.height()));
  process.stdout.on('resize', redraw);
  try {
    for (;;) {
      redraw();
      await watcher.next();
      if (keys.hasQuit()) return 0;
      const before = performance.now();
      snapshots = read();
      const readingMs = performance.now() - before;
      await keys.quitWithin(Math.max(REDRAW_MS, readingMs / READING_SHARE));
      if (keys.hasQuit()) return 0;
    }
  } finally {
    process.stdout.off('resize', redraw);
    screen.close();
    keys.close();
    watcher.close();
  }
}

/** Keys that were pressed in quick succession come together; an arrow or the like begins with Escape, and is more. */
function isQuit(keys: string): boolean {
  return keys === ESCAPE || [...stripVTControlCharacters(keys)].some((key) => QUIT_KEYS.has(key));
}

interface Keys {
  readonly hasQuit: () => boolean;
  /** Resolves after this many milliseconds, or at once when the user leaves. */
  readonly quitWithin: (ms: number) => Promise<void>;
  readonly close: () => void;
}

function listenForQuit(onQuit: () => void): Keys {
  const quit = new AbortController();
  const leave = () => {
    quit.abort();
    onQuit();
  };
  const press = (keys: Buffer) => {
    if (isQuit(keys.toString())) leave();
  };
  const { stdin } = process;
  if (stdin.isTTY) stdin.setRawMode(true).on('data', press).resume();
  process.on('SIGINT', leave).on('SIGTERM', leave);
  return {
    hasQuit: () => quit.signal.aborted,
    quitWithin: (ms) => setTimeout(ms, undefined, { signal: quit.signal }).catch(() => undefined),
    close: () => {
      process.off('SIGINT', leave).off('SIGTERM', leave);
      if (stdin.isTTY) stdin.setRawMode(false).off('data', press).pause();
    },
  };
}
