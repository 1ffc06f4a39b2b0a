import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Files, systemFiles } from '../files.ts';
import { STATE_DIRECTORY } from '../state/store.ts';
import { writePieces } from './write-pieces.ts';

/** A file of the study directory that a new specification replaces. */
export interface EditionFile {
  /** Relative to the study directory. */
  readonly path: string;
  readonly pieces: Iterable<string>;
}

/** Something that is to have another name: absolute paths. */
export type Aside = readonly [from: string, to: string];

/** Which names change once an edition is on record. In the staging directory, as JSON. */
interface Moves {
  readonly asides: readonly Aside[];
  /** Staged files by their place in the list: the paths that they get. */
  readonly places: readonly string[];
}

const MOVES = 'moves.json';

function stagingDirectory(studyDirectory: string, edition: number): string {
  return join(studyDirectory, STATE_DIRECTORY, `edition-${edition}`);
}

/**
 * Writes the files of an edition beside those that are valid, and on disk for good, before the store has it. The
 * caller holds the lease. `settleEdition` puts them in their places, or removes them.
 */
export function stageEdition(
  studyDirectory: string,
  edition: number,
  files: readonly EditionFile[],
  asides: readonly Aside[],
): void {
  const staging = stagingDirectory(studyDirectory, edition);
  systemFiles.makeDirectory(staging);
  for (const [index, { pieces }] of files.entries()) {
    const file = join(staging, String(index));
    writePieces(file, pieces);
    sync(file);
  }
  const moves: Moves = { asides, places: files.map(({ path }) => join(studyDirectory, path)) };
  systemFiles.write(join(staging, MOVES), JSON.stringify(moves), { durable: true });
  systemFiles.syncDirectory(staging);
  systemFiles.syncDirectory(join(studyDirectory, STATE_DIRECTORY));
}

/**
 * Ends what was begun with a new specification, now or before a crash: the files of the edition that the store has
 * take their places, and those of one that never got into the store are removed. To be called by whoever holds the
 * lease, before anything is done with the study; done twice it does no more than once.
 */
export function settleEdition(studyDirectory: string, edition: number, files: Files = systemFiles): void {
  const state = join(studyDirectory, STATE_DIRECTORY);
  if (!files.exists(state)) return;
  for (const name of files.list(state).filter((entry) => /^edition-\d+$/.test(entry))) {
    const staging = join(state, name);
    const moves = join(staging, MOVES);
    if (staging === stagingDirectory(studyDirectory, edition) && files.exists(moves)) {
      carryOut(JSON.parse(files.read(moves)) as Moves, staging, files);
      files.syncDirectory(studyDirectory);
      // Without the list nothing is moved again, should a crash leave the rest of the directory.
      files.remove(moves);
      files.syncDirectory(staging);
    }
    files.remove(staging);
  }
}

/** A move that was made before a crash is known by what it has left: nothing to move, or its place taken. */
function carryOut({ asides, places }: Moves, staging: string, files: Files): void {
  for (const [from, to] of asides) {
    if (!files.exists(from) || files.exists(to)) continue;
    files.makeDirectory(dirname(to));
    files.rename(from, to);
  }
  for (const [index, place] of places.entries()) {
    const file = join(staging, String(index));
    if (files.exists(file)) files.rename(file, place);
  }
}

function sync(file: string): void {
  const descriptor = openSync(file, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
