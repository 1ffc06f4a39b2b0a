import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { GitDependency } from '../spec/specification.ts';

/** How long a repository may take to tell its branches and tags, in milliseconds: a host that does not answer. */
const ANSWER_BOUND = 60_000;

/** A transfer that brings less than a byte a second for this many seconds has stalled, and is given up. */
const STALLED_SECONDS = 60;

/** How many lines of git's complaint are passed on; the first ones name the cause. */
const SHOWN_LINES = 3;

/** Where git is called, and a way to give up. */
export interface GitOptions {
  /** What a relative URL is relative to. */
  readonly cwd: string;
  readonly signal?: AbortSignal;
}

/** What came of a call of git: that it fails is one of the things to expect. */
export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  /** `said`: git's own words, without passwords. */
  | { readonly ok: false; readonly said: string };

/** What a repository calls its commits. */
export interface RemoteNames {
  readonly tags: ReadonlySet<string>;
  readonly branches: ReadonlySet<string>;
}

/** The branches and tags of a repository, without cloning it. */
export async function remoteNames(url: string, options: GitOptions): Promise<Outcome<RemoteNames>> {
  const outcome = await git(['ls-remote', '--heads', '--tags', '--', url], options, ANSWER_BOUND);
  if (!outcome.ok) return outcome;
  const names = { tags: new Set<string>(), branches: new Set<string>() };
  for (const [, kind, name] of outcome.value.matchAll(/\trefs\/(tags|heads)\/(.+?)(?:\^\{\})?$/gm)) {
    names[kind === 'tags' ? 'tags' : 'branches'].add(name!);
  }
  return { ok: true, value: names };
}

/** Whether a repository on this machine has a commit; true for others, which only a clone can tell. */
export async function mayHaveCommit(url: string, hash: string, options: GitOptions): Promise<boolean> {
  const directory = resolve(options.cwd, url);
  const isLocal = await stat(directory).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isLocal) return true;
  const question = ['-C', directory, 'rev-parse', '--verify', '--quiet', `${hash}^{commit}`];
  return (await git(question, options, ANSWER_BOUND)).ok;
}

/** Clones into a directory that does not exist yet, at the tag, branch or hash. May leave a part of it on failure. */
export async function cloneAt(
  url: string,
  ref: GitDependency['ref'],
  directory: string,
  options: GitOptions,
): Promise<Outcome<string>> {
  const how = ref?.kind === 'branch' ? [`--branch=${ref.name}`] : ref === undefined ? [] : ['--no-checkout'];
  const cloned = await git(['clone', '--quiet', ...how, '--', url, directory], options);
  if (!cloned.ok || ref === undefined || ref.kind === 'branch') return cloned;
  // A tag may have the name of a branch, so it is asked for by its whole name.
  const revision = ref.kind === 'tag' ? `refs/tags/${ref.name}` : ref.name;
  return git(['-C', directory, 'checkout', '--quiet', '--detach', `${revision}^{commit}`, '--'], options);
}

/** A URL, or git's words about it, without the user, password or token that a web address may have. */
export function withoutPassword(text: string): string {
  return text.replace(/\b((?:https?|ftps?):\/\/)[^/@\s]*@/g, '$1');
}

async function git(args: readonly string[], options: GitOptions, bound?: number): Promise<Outcome<string>> {
  // Loaded only here: most studies have no git dependency, and a command should start in no time.
  const { execa } = await import('execa');
  const result = await execa('git', [...args], {
    cwd: options.cwd,
    env: await quietEnvironment(options.cwd),
    stdin: 'ignore',
    reject: false,
    ...(bound === undefined ? {} : { timeout: bound }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  options.signal?.throwIfAborted();
  if (!result.failed) return { ok: true, value: result.stdout };
  if (result.code === 'ENOENT') return { ok: false, said: 'git is not on the PATH' };
  if (result.timedOut) return { ok: false, said: `no answer within ${ANSWER_BOUND / 1000} s` };
  return { ok: false, said: wordsOf(result.stderr) || `git exited with ${result.exitCode ?? result.signal}` };
}

/** The cause that git gives, up to the advice that follows an empty line. */
function wordsOf(stderr: string): string {
  const [cause = ''] = stderr.trim().split(/\n\s*\n/);
  const lines = cause.split('\n').map((line) => line.trim());
  return withoutPassword(lines.slice(0, SHOWN_LINES).join(', ')).replace(/\.$/, '');
}

/**
 * An environment in which git asks nothing, since nobody may be there to answer, speaks English, gives up stalled
 * transfers, and belongs to no repository, even if we were started by a hook of one.
 */
async function quietEnvironment(cwd: string): Promise<Record<string, string | undefined>> {
  const none = { GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_INDEX_FILE: undefined };
  return {
    ...none,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_HTTP_LOW_SPEED_LIMIT: '1',
    GIT_HTTP_LOW_SPEED_TIME: String(STALLED_SECONDS),
    ...(process.env.GIT_SSH === undefined ? { GIT_SSH_COMMAND: await sshCommand(cwd) } : {}),
  };
}

/** The user's own ssh command, by environment or configuration, told to ask nothing and to notice a dead line. */
async function sshCommand(cwd: string): Promise<string> {
  const configured = process.env.GIT_SSH_COMMAND ?? (await configuredSsh(cwd)) ?? 'ssh';
  return `${configured} -oBatchMode=yes -oServerAliveInterval=15 -oServerAliveCountMax=4`;
}

async function configuredSsh(cwd: string): Promise<string | undefined> {
  const { execa } = await import('execa');
  const { stdout } = await execa('git', ['config', '--get', 'core.sshCommand'], { cwd, reject: false });
  return stdout || undefined;
}
