// Runs the commands of the README's Quick start as they are written: `node scripts/quick-start.js`, in a fresh
// clone; with 1 or 2, only the first or the second. `--list` prints them.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));

/** The Quick start has two commands: one that shows the program at work, one that passes the tests. */
const COMMANDS = 2;

/**
 * The commands of the section "Quick start": its fenced `sh` blocks, each of which must be one line.
 *
 * @param {string} readme the text of README.md
 * @returns {string[]}
 * @throws {Error} if the section is missing, or has not exactly two such blocks
 */
export function quickStart(readme) {
  const section = /^##+ Quick start[ \t]*\n(.*?)(?=^#{1,2} |(?![\s\S]))/ms.exec(readme)?.[1];
  if (section === undefined) throw new Error('README.md has no section "Quick start"');
  const blocks = [...section.matchAll(/^```sh[ \t]*\n(.*?)^```[ \t]*$/gms)].map(([, body]) => body ?? '');
  if (blocks.length !== COMMANDS) {
    throw new Error(`the Quick start of README.md has ${blocks.length} sh blocks; it must have ${COMMANDS}`);
  }
  for (const block of blocks) {
    if (!/^\S[^\n]*\n$/.test(block))
      throw new Error(`a Quick start block of README.md is not one line:\n${block}`);
  }
  return blocks.map((block) => block.trimEnd());
}

/** @param {string} command */
function run(command) {
  // No input: a command that asks a question would hold up a reader who pastes both.
  const { status } = spawnSync('bash', ['-c', command], {
    cwd: project,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status === 0) return;
  console.error(`the Quick start command above has ended with ${status}`);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const commands = quickStart(readFileSync(new URL('../README.md', import.meta.url), 'utf8'));
  const [, , choice] = process.argv;
  const chosen =
    choice === '1' || choice === '2' ? commands.slice(Number(choice) - 1, Number(choice)) : commands;
  for (const command of chosen) {
    console.log(`$ ${command}`);
    if (choice !== '--list') run(command);
  }
}
