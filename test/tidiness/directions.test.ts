import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { checkDirections } from '../../scripts/directions.js';
import { PROJECT } from './tracked-files.ts';

/** A small project whose imports are all as they should be. */
const SOUND: Readonly<Record<string, string>> = {
  'package.json': '{ "type": "module", "devDependencies": { "fast-check": "*" } }',
  'bin/maestro.js': `import '../src/cli/main.ts';`,
  'bin/conductor.js': `import '../src/conductor/main.ts';`,
  'src/cli/main.ts': `import './commands/run.ts';\nexport const main = 1;`,
  'src/cli/commands/run.ts': `import '../../conductor/main.ts';\nimport '../render/table.ts';`,
  'src/cli/render/table.ts': `import type { Step } from '../../shared/study/step.ts';\nexport type Row = Step;`,
  'src/cli/doctor/ask.ts': `import '../../conductor/machine.ts';\nimport '../../conductor/schedulers/slurm/facts.ts';`,
  'src/conductor/machine.ts': `import 'node:os';`,
  'src/conductor/schedulers/slurm/facts.ts': `import 'node:os';`,
  'src/conductor/main.ts': `import { settle } from './settle.ts';\nimport '../shared/log.ts';\nexport const m = settle;`,
  'src/conductor/settle.ts': `import type { Step } from '../shared/study/step.ts';\nexport const settle = (s: Step) => s;`,
  'src/shared/log.ts': `import 'node:fs';`,
  'src/shared/study/step.ts': `import { join } from 'node:path';\nexport type Step = typeof join;`,
  'src/orchestra/server/main.ts': `import '../../shared/log.ts';\nimport './state/store.ts';\nimport '../api.ts';`,
  'src/orchestra/server/state/store.ts': `import 'node:fs';`,
  'src/orchestra/client/call.ts': `import '../api.ts';`,
  'src/orchestra/api.ts': `import 'node:path';`,
  'src/library/main.ts': `import '../conductor/main.ts';\nimport '../orchestra/client/call.ts';\nimport '../shared/log.ts';`,
  'src/cli/commands/serve.ts': `import '../../orchestra/server/main.ts';\nimport '../../orchestra/client/call.ts';`,
};

/** Which rules a project breaks that is sound but for the files given. */
async function broken(files: Readonly<Record<string, string>>): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), 'maestro-directions-'));
  try {
    for (const [file, text] of Object.entries({ ...SOUND, ...files })) {
      mkdirSync(join(root, dirname(file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
    const { violations } = await checkDirections(root);
    return [...new Set(violations.map(({ rule }) => rule))].sort();
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

test('a sound project breaks no rule', async () => {
  assert.deepEqual(await broken({}), []);
});

test('this project breaks no rule', async () => {
  const { cruised, violations } = await checkDirections(PROJECT);
  assert.deepEqual(violations, []);
  assert.ok(cruised > 20, `${cruised} modules`);
});

const violations: readonly {
  readonly what: string;
  readonly file: string;
  readonly text: string;
  readonly rules: readonly string[];
}[] = [
  {
    what: 'a command reaches into the server of the cluster',
    file: 'src/cli/commands/serve.ts',
    text: `import '../../orchestra/server/main.ts';\nimport '../../orchestra/client/call.ts';\nimport '../../orchestra/server/state/store.ts';`,
    rules: ['cli-enters-the-cluster-by-main'],
  },
  {
    what: 'the client imports the server',
    file: 'src/orchestra/client/call.ts',
    text: `import '../api.ts';\nimport '../server/state/store.ts';`,
    rules: ['both-ends-meet-at-the-api'],
  },
  {
    what: 'shared imports the conductor',
    file: 'src/shared/log.ts',
    text: `import '../conductor/main.ts';`,
    rules: ['no-cycles', 'shared-imports-nothing-above-it'],
  },
  {
    what: 'shared imports a type of the conductor',
    file: 'src/shared/extra.ts',
    text: `import type { m } from '../conductor/main.ts';\nexport type M = typeof m;`,
    rules: ['shared-imports-nothing-above-it'],
  },
  {
    what: 'the conductor imports the command line',
    file: 'src/conductor/extra.ts',
    text: `import '../cli/render/table.ts';`,
    rules: ['conductor-imports-only-shared', 'nothing-imports-cli'],
  },
  {
    what: 'the conductor imports the cluster',
    file: 'src/conductor/extra.ts',
    text: `import '../orchestra/server/main.ts';`,
    rules: ['conductor-imports-only-shared'],
  },
  {
    what: 'the cluster imports the conductor',
    file: 'src/orchestra/extra.ts',
    text: `import '../conductor/settle.ts';`,
    rules: ['orchestra-and-conductor-apart'],
  },
  {
    what: 'a command reaches past the composition root',
    file: 'src/cli/commands/status.ts',
    text: `import '../../conductor/settle.ts';`,
    rules: ['cli-enters-conductor-by-main'],
  },
  {
    what: 'the doctor reaches into what conducts',
    file: 'src/cli/doctor/ask.ts',
    text: `import '../../conductor/settle.ts';`,
    rules: ['doctor-asks-what-the-conductor-asks'],
  },
  {
    what: 'the library reaches past the composition root',
    file: 'src/library/main.ts',
    text: `import '../conductor/settle.ts';`,
    rules: ['library-enters-by-the-doors'],
  },
  {
    what: 'the library reaches into the server of the cluster',
    file: 'src/library/main.ts',
    text: `import '../orchestra/server/main.ts';`,
    rules: ['library-enters-by-the-doors'],
  },
  {
    what: 'the library imports the command line',
    file: 'src/library/main.ts',
    text: `import '../cli/render/table.ts';`,
    rules: ['library-enters-by-the-doors', 'nothing-imports-cli'],
  },
  {
    what: 'a room imports the library',
    file: 'src/cli/render/table.ts',
    text: `import '../../library/main.ts';`,
    rules: ['nothing-imports-the-library'],
  },
  {
    what: 'a command imports a command',
    file: 'src/cli/commands/resume.ts',
    text: `import './run.ts';`,
    rules: ['commands-are-leaves'],
  },
  {
    what: 'an executable does work of its own',
    file: 'bin/maestro.js',
    text: `import '../src/cli/main.ts';\nimport '../src/shared/log.ts';`,
    rules: ['bin-starts-cli-or-conductor'],
  },
  {
    what: 'the expansion reads a file',
    file: 'src/shared/study/step.ts',
    text: `import { readFileSync } from 'node:fs';\nexport type Step = typeof readFileSync;`,
    rules: ['pure-rooms-do-no-io'],
  },
  {
    what: 'a decision starts a process',
    file: 'src/conductor/settle.ts',
    text: `import { spawn } from 'node:child_process';\nexport const settle = spawn;`,
    rules: ['pure-rooms-do-no-io'],
  },
  {
    what: 'a decision leans on what reads a file',
    file: 'src/conductor/settle.ts',
    text: `import '../shared/log.ts';\nexport const settle = 1;`,
    rules: ['pure-rooms-do-no-io'],
  },
  {
    what: 'a cycle of types',
    file: 'src/shared/study/step.ts',
    text: `import type { Other } from './other.ts';\nexport type Step = Other;`,
    rules: ['no-cycles'],
  },
  {
    what: 'a forgotten file',
    file: 'src/shared/forgotten.ts',
    text: 'export const forgotten = 1;',
    rules: ['no-orphans'],
  },
  {
    what: 'an import of what is not there',
    file: 'src/shared/extra.ts',
    text: `import './nowhere.ts';`,
    rules: ['no-unresolvable'],
  },
];

for (const { what, file, text, rules } of violations) {
  test(`${what}: ${rules.join(', ')}`, async () => {
    // The other half of the cycle is there in every project, harmless until the first half exists.
    const other = {
      'src/shared/study/other.ts': `import type { Step } from './step.ts';\nexport type Other = Step;`,
    };
    assert.deepEqual(await broken({ ...(rules.includes('no-cycles') ? other : {}), [file]: text }), rules);
  });
}

test('a checker that has seen nothing is an error', async () => {
  const blind = async () => ({ exitCode: 0, output: { modules: [], summary: { violations: [] } } }) as never;
  await assert.rejects(checkDirections(PROJECT, blind), /overlooked \d+ files/);
});
