import { Refusal } from './refusal.ts';

/** Names of users, and parts of other names: what every file system and every shell takes as it is. */
const WORD = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

/** What may follow `user.<username>.`: words with dots between them. */
const REST = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;

/** The longest name of a dataset or task: it becomes the name of a directory. */
const MAX_NAME = 200;

/** The longest path of a file in a dataset, and the longest of its parts, in bytes: what file systems take. */
const MAX_PATH = 1_024;
const MAX_PART = 255;

/** Names that a user may not have: directories and words of the cluster itself, and of its audit log. */
const RESERVED_USERS: ReadonlySet<string> = new Set([
  'console',
  'visitor',
  'admin',
  'root',
  'volume',
  'user',
]);

/** Throws a Refusal where nobody may be called so. */
function checkUserName(name: string): void {
  if (!WORD.test(name)) {
    throw new Refusal('bad-name', `${quoted(name)} cannot be a user's name`, 'use letters, digits, - and _');
  }
}

/** Throws a Refusal where nobody may register under this name. */
export function checkNewUserName(name: string): void {
  checkUserName(name);
  if (RESERVED_USERS.has(name.toLowerCase()))
    throw new Refusal('bad-name', `the name ${name} is taken by the cluster`);
}

/**
 * Checks the name of a dataset or task, `user.<username>.<rest>`, and answers whose it is. Throws a Refusal
 * where it is not of that form.
 */
export function ownerOfName(name: string, what: 'dataset' | 'task'): string {
  const [prefix, owner = '', ...rest] = name.split('.');
  const isSound =
    prefix === 'user' && WORD.test(owner) && REST.test(rest.join('.')) && name.length <= MAX_NAME;
  if (isSound) return owner;
  throw new Refusal(
    'bad-name',
    `${quoted(name)} cannot be the name of a ${what}`,
    `it must be user.<username>.<name>, of letters, digits, dots, - and _, at most ${MAX_NAME} characters`,
  );
}

/** Whether a file may have this path within its dataset: relative, with slashes. */
export function isFilePath(path: string): boolean {
  return (
    Buffer.byteLength(path) <= MAX_PATH &&
    !/[\p{Cc}\p{Cs}\\]/u.test(path) &&
    path
      .split('/')
      .every((part) => part !== '' && part !== '.' && part !== '..' && Buffer.byteLength(part) <= MAX_PART)
  );
}

/** Throws a Refusal where no file of a dataset may have this path. */
export function checkFilePath(path: string): void {
  if (isFilePath(path)) return;
  const mend = 'use a relative path without .., empty parts, backslashes and control characters';
  throw new Refusal('bad-name', `${quoted(path)} cannot be a file of a dataset`, mend);
}

function quoted(name: string): string {
  const text = JSON.stringify(name);
  return text.length > 120 ? `${text.slice(0, 117)}…"` : text;
}
