// Completes package-lock.json after `npm install`: `node scripts/complete-lock.js`. With --check it writes nothing,
// and fails where something is missing.
//
// npm leaves out the optional packages that it could not look up, such as a mirror without the binaries for other
// platforms, and `npm ci` then refuses the lock file on every platform. A package's name says for which it is.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Entry one package of a lock file
 * @property {string} [version]
 * @property {boolean} [dev]
 * @property {boolean} [optional]
 * @property {string[]} [os]
 * @property {string[]} [cpu]
 * @property {string[]} [libc]
 * @property {Record<string, string>} [optionalDependencies]
 */

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'];
const LIBRARIES = new Map([
  ['gnu', 'glibc'],
  ['musl', 'musl'],
]);

/**
 * The entries that a lock file lacks.
 *
 * @param {Record<string, Entry>} packages the lock file's packages by their paths
 * @returns {Map<string, Entry>}
 */
export function missingEntries(packages) {
  /** @type {Map<string, Entry>} */
  const missing = new Map();
  for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const places = [`node_modules/${name}`, `${path}/node_modules/${name}`];
      if (places.every((place) => packages[place] === undefined)) {
        missing.set(`node_modules/${name}`, entryFor(name, version, dev === true));
      }
    }
  }
  return missing;
}

/**
 * @param {string} name such as `@biomejs/cli-linux-arm64-musl`
 * @param {string} version
 * @param {boolean} dev
 * @returns {Entry}
 */
function entryFor(name, version, dev) {
  const words = name.split(/[-/]/);
  const os = SYSTEMS.find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(
      `${name}@${version} is missing from the lock file, and its name does not say its platform`,
    );
  }
  const libc = [...LIBRARIES].find(([suffix]) => words.some((word) => word.startsWith(suffix)))?.[1];
  return {
    version,
    cpu: [cpu],
    ...(dev ? { dev } : {}),
    ...(libc === undefined || os !== 'linux' ? {} : { libc: [libc] }),
    optional: true,
    os: [os],
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = new URL('../package-lock.json', import.meta.url);
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingEntries(lock.packages);
  for (const name of missing.keys()) console.log(`missing: ${name}`);
  if (process.argv.includes('--check')) {
    process.exitCode = missing.size === 0 ? 0 : 1;
  } else if (missing.size > 0) {
    const entries = [...Object.entries(lock.packages), ...missing].sort(([a], [b]) =>
      a.localeCompare(b, 'en'),
    );
    writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(entries) }, null, 2)}\n`);
  }
}
