import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's directory, with a slash at its end. */
export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Files that are in git or would be by the next `git add`, relative to the project, so that a rule speaks up
 * before the commit and not after.
 */
export function trackedFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: PROJECT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return listed.split('\0').filter((file) => file !== '' && existsSync(join(PROJECT, file)));
}

/** The text of a tracked file. Bytes that are no UTF-8 become replacement characters. */
export function textOf(file: string): string {
  return readFileSync(join(PROJECT, file), 'utf8');
}

/** `file:line` of each line in which the pattern stands, with the text that matched. */
export function occurrences(file: string, pattern: RegExp): string[] {
  return textOf(file)
    .split('\n')
    .flatMap((line, index) => {
      const match = pattern.exec(line);
      return match === null ? [] : [`${file}:${index + 1}: ${match[0].trim()}`];
    });
}
