// Builds dist/ and what is derived from it: `npm run build`.
//
// dist/ is brought up to date in place and then swept, rather than removed first: tests and studies that run
// from it meanwhile find every file at every moment.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));

/** @param {string[]} command a program of the project's dependencies, and its arguments */
function run(...command) {
  const [program = '', ...args] = command;
  execFileSync(join(project, 'node_modules', '.bin', program), args, { cwd: project, stdio: 'inherit' });
}

/** Removes compiled files whose source is gone: a command that was deleted would else still be there. */
function sweep() {
  for (const file of readdirSync(join(project, 'dist'), { recursive: true, encoding: 'utf8' })) {
    const source = /^(.*)\.(?:js|js\.map|d\.ts)$/.exec(file)?.[1];
    if (source !== undefined && !existsSync(join(project, 'src', `${source}.ts`)))
      rmSync(join(project, 'dist', file));
  }
}

try {
  run('tsc', '-p', 'tsconfig.build.json');
  sweep();
  // The manifest spares the command line from loading every command to find one.
  if (existsSync(join(project, 'dist', 'cli', 'commands'))) run('oclif', 'manifest');
} catch {
  // The program has said what is wrong; a stack trace of this script would only bury it.
  process.exitCode = 1;
}
