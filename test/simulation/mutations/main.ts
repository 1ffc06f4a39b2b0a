import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MUTATIONS, type Mutation } from './mutations.ts';

/**
 * `npm run simulate:mutations`: plants each of the bugs in a copy of the sources, alone, and plays the simulation
 * there until it finds it. Fails where one is not found. Arguments choose mutations by parts of their names.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    /** Without the scenarios that are kept: the seeds alone must find it. */
    'seeds-only': { type: 'boolean', default: false },
  },
});

const PROJECT = new URL('../../../', import.meta.url).pathname;
const COPIED = ['src', 'native', 'package.json', 'tsconfig.json', 'test/simulation', 'test/fakes'];
const RUNS = 2_000;

const say = (text: string): void => void process.stdout.write(text);

/** A copy of the sources with one bug in it. */
function plant({ file, text, instead }: Mutation): string {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-mutation-'));
  for (const path of COPIED) cpSync(join(PROJECT, path), join(directory, path), { recursive: true });
  symlinkSync(join(PROJECT, 'node_modules'), join(directory, 'node_modules'));
  const source = readFileSync(join(directory, file), 'utf8');
  if (source.split(text).length !== 2) throw new Error(`${file} does not have this text once:\n${text}`);
  writeFileSync(
    join(directory, file),
    source.replace(text, () => instead),
  );
  return directory;
}

/** What the simulation says of it; undefined where it finds nothing. */
function hunt(directory: string, { runs = RUNS }: Mutation): string | undefined {
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      '--import',
      'tsx',
      'test/simulation/main.ts',
      ...['--seed', values.seed, '--runs', String(runs), '--enough', '1', '--no-shrink'],
      ...(values['seeds-only'] ? ['--seeds-only'] : []),
    ],
    { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  return status === 0 ? undefined : stdout;
}

let survivors = 0;
const chosen = MUTATIONS.filter(
  ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
);
for (const mutation of chosen) {
  say(`${mutation.name}: `);
  const directory = plant(mutation);
  try {
    const found = hunt(directory, mutation);
    if (found === undefined) survivors++;
    say(found === undefined ? 'NOT CAUGHT\n' : `caught\n  ${found.split('\n').slice(0, 2).join('\n  ')}\n`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
say(`${chosen.length - survivors} of ${chosen.length} caught\n`);
process.exitCode = survivors === 0 ? 0 : 1;
