import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Parameter } from '../../../src/shared/spec/specification.ts';
import { paramsOf } from '../../../src/shared/study/combinations.ts';
import { scriptBase } from '../../../src/shared/study/names.ts';
import type { Expansion, Study } from '../../../src/shared/study/study.ts';
import { stepText } from '../../../src/shared/study/text-of-step.ts';
import { expanded, parameterOf, readSpec } from './studies.ts';

const GOLDEN = join(import.meta.dirname, '../../fixtures/golden');

/** What the generator of 27_pgen makes with `count:3` and `scale:0.5`. */
const GENERATED: readonly Parameter[] = [
  parameterOf('SITE', ['north', 'south', 'west']),
  parameterOf('DOSE', ['0.5', '1.0', '1.5'], { name: 'Dose level', labels: ['d-0', 'd-1', 'd-2'] }),
];

interface Expected {
  readonly args: readonly string[];
  readonly dry: {
    readonly rows: readonly { step: string; workspace: string; params: readonly string[] }[];
    readonly scripts: Readonly<Record<string, { readonly text: string }>>;
  };
}

function load(name: string): { expected: Expected; study: Study; expansion: Expansion } {
  const expected: Expected = JSON.parse(readFileSync(join(GOLDEN, name, 'expected.json'), 'utf8'));
  return {
    expected,
    ...expanded(readSpec(join(GOLDEN, name, 'spec.yaml')), {
      specRoot: '@SPECROOT@',
      directory: '@OUT@',
      outputPath: '@OUT@',
      hashWorkspaces: expected.args.includes('--hashws'),
      dependencyPaths: new Map([['TINY', '@OUT@/TINY']]),
      ...(expected.args.includes('-p') && { parameters: GENERATED }),
    }),
  };
}

const names = readdirSync(GOLDEN);

test('all goldens are here', () => {
  assert.equal(names.length, 28);
});

for (const name of names) {
  test(`${name} has its rows`, () => {
    const { expected, study, expansion } = load(name);
    const rows = Array.from({ length: expansion.count }, (_, step) => ({
      step: expansion.names[step],
      workspace: expansion.workspaces[step],
      params: paramsOf(study, expansion, step)
        .map(([key, value]) => `${key}:${value}`)
        .join(';'),
    }));
    assert.deepEqual(
      rows,
      expected.dry.rows.map(({ step, workspace, params }) => ({ step, workspace, params: params.join(';') })),
    );
  });

  test(`${name} names its scripts`, () => {
    const { expected, study, expansion } = load(name);
    const found = Array.from(
      { length: expansion.count },
      (_, step) => `${expansion.workspaces[step]}/${scriptBase(study, expansion, step)}`,
    );
    const mains = Object.keys(expected.dry.scripts).filter((path) => !/\.restart\.[a-z.]*sh$/.test(path));
    assert.deepEqual(
      found.sort(),
      mains.map((path) => path.replace(/(\.slurm|\.lsf|\.flux)?\.sh$/, '')).sort(),
    );
  });

  // Launchers and headers are not this room's; where there are none the command is all that follows the shell.
  test(`${name} has its commands`, () => {
    const { expected, study, expansion } = load(name);
    for (let step = 0; step < expansion.count; step++) {
      const { cmd, restart, workspace, baseName } = stepText(study, expansion, step);
      if (cmd.includes('$(LAUNCHER)') || restart?.includes('$(LAUNCHER)')) continue;
      const path = `${workspace.slice(study.directory.length + 1)}/${baseName}`;
      const main = scriptText(expected, path, '');
      assert.equal(main.slice(-cmd.length - 2), `\n${cmd}\n`);
      assert.equal(scriptText(expected, path, '.restart') === undefined, restart === undefined);
      if (restart !== undefined) {
        assert.equal(scriptText(expected, path, '.restart').slice(-restart.length - 2), `\n${restart}\n`);
      }
    }
  });
}

function scriptText(expected: Expected, path: string, kind: string): string {
  const [found] = ['', '.slurm', '.lsf', '.flux'].flatMap((scheduler) => {
    return expected.dry.scripts[`${path}${kind}${scheduler}.sh`]?.text ?? [];
  });
  return found!;
}
