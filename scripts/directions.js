// Holds the directions of imports (see .dependency-cruiser.cjs): `node scripts/directions.js`.
//
// It runs dependency-cruiser through its API in place of its command, because the command passes when it has
// understood nothing: with a TypeScript that it does not know it cruises no modules and finds no violations.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise as cruiseImports } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const project = fileURLToPath(new URL('..', import.meta.url));

/**
 * Checks the imports below `root`, which has a `src` directory and maybe a `bin`.
 *
 * @param {string} root absolute path
 * @param {typeof import('dependency-cruiser').cruise} cruise
 * @returns {Promise<{ cruised: number, violations: { rule: string, from: string, to: string }[] }>}
 * @throws {Error} if dependency-cruiser has overlooked source files
 */
export async function checkDirections(root, cruise = cruiseImports) {
  const rooms = ['src', 'bin'].filter((room) => existsSync(join(root, room)));
  const options = await extractOptions(join(project, '.dependency-cruiser.cjs'));
  const tsConfig = extractTsConfig(join(project, 'tsconfig.json'));
  const { output } = await cruise(rooms, { ...options, baseDir: root }, undefined, { tsConfig });
  if (typeof output === 'string')
    throw new Error('dependency-cruiser has reported text in place of its result');

  const seen = new Set(output.modules.map((module) => module.source));
  const overlooked = sourceFiles(root, rooms).filter((file) => !seen.has(file));
  if (overlooked.length > 0) {
    throw new Error(
      `dependency-cruiser has overlooked ${overlooked.length} files, ${overlooked[0]} among them`,
    );
  }
  const violations = output.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
  return { cruised: seen.size, violations };
}

/**
 * @param {string} root
 * @param {string[]} rooms
 */
function sourceFiles(root, rooms) {
  return rooms
    .flatMap((room) =>
      readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map((f) => join(room, f)),
    )
    .filter((file) => /\.[jt]s$/.test(file) && !file.endsWith('.d.ts'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { cruised, violations } = await checkDirections(project);
  for (const { rule, from, to } of violations) console.error(`${from}: ${rule}: imports ${to}`);
  console.log(`directions: ${cruised} modules, ${violations.length} violations`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}
