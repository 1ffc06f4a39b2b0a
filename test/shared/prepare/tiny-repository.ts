import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A bare repository and the commits of its branch `trunk`, oldest first. */
export interface TinyRepository {
  readonly url: string;
  readonly hashes: readonly string[];
}

/** The settings of whoever runs the tests must not count. */
const ENVIRONMENT = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'Tester',
  GIT_AUTHOR_EMAIL: 'tester@example.org',
  GIT_COMMITTER_NAME: 'Tester',
  GIT_COMMITTER_EMAIL: 'tester@example.org',
};

export function git(directory: string, ...args: string[]): string {
  return execFileSync('git', args, {
    cwd: directory,
    env: ENVIRONMENT,
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();
}

/**
 * Makes a bare repository below a directory: f.txt holds one, two, three in three commits on branch `trunk`, tag
 * `rel-1` is at the second, branch `side` has one commit more.
 */
export function makeTinyRepository(directory: string): TinyRepository {
  const work = join(directory, 'tiny-work');
  const url = join(directory, 'tiny.git');
  mkdirSync(work, { recursive: true });
  git(work, 'init', '--quiet', '--initial-branch=trunk');
  const commit = (text: string) => {
    writeFileSync(join(work, 'f.txt'), `${text}\n`);
    git(work, 'add', 'f.txt');
    git(work, 'commit', '--quiet', '--message', text);
    return git(work, 'rev-parse', 'HEAD');
  };
  const hashes = ['one', 'two', 'three'].map(commit);
  git(work, 'tag', 'rel-1', hashes[1]!);
  git(work, 'checkout', '--quiet', '-b', 'side');
  commit('four');
  git(work, 'checkout', '--quiet', 'trunk');
  git(directory, 'clone', '--quiet', '--bare', work, url);
  return { url, hashes };
}
