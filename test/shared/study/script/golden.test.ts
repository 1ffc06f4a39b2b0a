import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import {
  type Batch,
  type BatchType,
  RESOURCE_KEYS,
  type Resources,
} from '../../../../src/shared/spec/specification.ts';
import { renderScripts } from '../../../../src/shared/study/script/render-scripts.ts';
import type { StepText } from '../../../../src/shared/study/script/step-text.ts';

const GOLDEN = fileURLToPath(new URL('../../../fixtures/golden/', import.meta.url));

interface RawStep {
  readonly name: string;
  readonly description: string;
  readonly run: Readonly<Record<string, unknown>>;
}

interface RawSpec {
  readonly batch?: Readonly<Record<string, unknown>>;
  readonly study: readonly RawStep[];
}

/** A step's combination: its name, and what each token becomes. */
interface Combination {
  readonly name: string;
  readonly tokens: Readonly<Record<string, string>>;
}

/** What a golden's scripts are made from, beyond its own spec.yaml. */
interface Golden {
  readonly directory: string;
  /** Combinations by step; a step without an entry stands once. */
  readonly combinations?: Readonly<Record<string, readonly Combination[]>>;
  /** Steps for which the recorded text is not what we want, with what we want instead. */
  readonly better?: Readonly<Record<string, (expected: string) => string>>;
  /** Walltimes that YAML 1.1 reads as base-60 integers. */
  readonly sexagesimal?: Readonly<Record<string, string>>;
}

const NO_VERSIONS = (text: string) => text.replace(/^#INFO \(flux (?:adapter )?version\) .*\n/gm, '');

const GOLDENS: readonly Golden[] = [
  {
    directory: '19_restart',
    combinations: {
      work: ['1', '2'].map((q) => ({
        name: `Q.${q}`,
        tokens: { '$(Q)': q, '$(WORKSPACE)': `@OUT@/work/Q.${q}` },
      })),
      plain: ['1', '2'].map((q) => ({
        name: `Q.${q}`,
        tokens: { '$(work.workspace)': `@OUT@/work/Q.${q}` },
      })),
    },
  },
  { directory: '20_slurm', sexagesimal: { sexagesimal: '5400' } },
  {
    directory: '22_slurm_launchers',
    better: {
      array: (text) => text.replace('srun -n 2 -N 1}', 'srun -n 2 -N 1 ./x ${a[0]}'),
      mixed: (text) => text.replace('$(LAUNCHER) two', 'srun -n 4 -N 2 two'),
      legacy: (text) => text.replace('-n  4', '-n 4'),
    },
  },
  {
    directory: '23_slurm_params',
    combinations: {
      scale: sizes().map(({ nodes, procs, walltime }) => ({
        name: `NN.${nodes}.PP.${procs}.WT.${walltime}`,
        tokens: { '$(NN)': nodes, '$(PP)': procs, '$(GP)': '2', '$(WT)': walltime },
      })),
      bracket: sizes().map(({ nodes, procs }) => ({
        name: `NN.${nodes}.PP.${procs}`,
        tokens: { '$(NN)': nodes, '$(PP)': procs },
      })),
      gather: [{ name: '', tokens: { '$(scale.workspace)': '@OUT@/scale' } }],
    },
    // Outputs have the sanitised name, as the scripts have.
    better: {
      scale: (text) => text.replace(/(?<=--(?:output|error)=").*(?=")/g, (file) => file.replaceAll(':', '')),
    },
  },
  {
    directory: '24_lsf',
    better: everyStep(['localone', 'three', 'round', 'hm', 'minutesstr', 'nowall', 'frac'], (text) =>
      text.replace('#!/bin/bash', '#!/bin/tcsh'),
    ),
  },
  { directory: '25_shell' },
  { directory: '26_flux_STUB', better: everyStep(['localf', 'plain', 'rich', 'wt_inf'], NO_VERSIONS) },
  { directory: '32_priority' },
];

function sizes() {
  return [
    { nodes: '1', procs: '8', walltime: '00:10:00' },
    { nodes: '2', procs: '16', walltime: '1:00:00' },
    { nodes: '4', procs: '32', walltime: '30' },
  ];
}

function everyStep(names: readonly string[], better: (expected: string) => string) {
  return Object.fromEntries(names.map((name) => [name, better]));
}

/** A scalar as the specification's loader tells it: as Python prints it. */
function pythonText(value: unknown): string {
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
}

function batchFrom(raw: RawSpec['batch']): Batch {
  const { type = 'local', args = {}, ...rest } = raw ?? {};
  const texts = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, pythonText(value)]));
  return { shell: '/bin/bash', ...texts, type: type as BatchType, args: args as Record<string, string> };
}

function stepTextFrom(raw: RawStep, combination: Combination, sexagesimal: Golden['sexagesimal']): StepText {
  const replaced = (text: string) =>
    Object.entries(combination.tokens).reduce((rest, [token, value]) => rest.replaceAll(token, value), text);
  const name = combination.name === '' ? raw.name : `${raw.name}_${combination.name}`;
  const resources: Record<string, string> = {};
  for (const key of RESOURCE_KEYS) {
    if (raw.run[key] !== undefined) resources[key] = replaced(pythonText(raw.run[key]));
  }
  const walltime = sexagesimal?.[raw.name];
  if (walltime !== undefined) resources.walltime = walltime;
  return {
    name,
    baseName: name.replaceAll(':', ''),
    jobName: name,
    description: replaced(raw.description),
    cmd: replaced(String(raw.run.cmd)),
    ...(raw.run.restart === undefined ? {} : { restart: replaced(String(raw.run.restart)) }),
    resources: resources as Resources,
    workspace: `@OUT@/${raw.name}${combination.name === '' ? '' : `/${combination.name.replaceAll(':', '')}`}`,
    isScheduled: raw.run.nodes !== undefined || raw.run.procs !== undefined,
  };
}

function rendered(golden: Golden, spec: RawSpec): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const raw of spec.study) {
    for (const combination of golden.combinations?.[raw.name] ?? [{ name: '', tokens: {} }]) {
      const step = stepTextFrom(raw, combination, golden.sexagesimal);
      const { scripts, problems } = renderScripts(batchFrom(spec.batch), step);
      assert.deepEqual(
        problems.filter(({ severity }) => severity === 'error'),
        [],
      );
      for (const script of [scripts.main, scripts.restart]) {
        if (script !== undefined)
          texts[`${step.workspace}/${script.fileName}`.slice('@OUT@/'.length)] = script.text;
      }
    }
  }
  return texts;
}

function expectedTexts(golden: Golden): Record<string, string> {
  const file = join(GOLDEN, golden.directory, 'expected.json');
  const { dry } = JSON.parse(readFileSync(file, 'utf8')) as {
    dry: { scripts: Record<string, { text: string }> };
  };
  const texts: Record<string, string> = {};
  for (const [path, { text }] of Object.entries(dry.scripts)) {
    const better = golden.better?.[path.slice(0, path.indexOf('/'))];
    texts[path] = better === undefined ? text : better(text);
  }
  return texts;
}

describe('scripts of the golden studies', () => {
  for (const golden of GOLDENS) {
    test(golden.directory, () => {
      const spec = parse(readFileSync(join(GOLDEN, golden.directory, 'spec.yaml'), 'utf8')) as RawSpec;
      const expected = expectedTexts(golden);
      if (golden.directory === '26_flux_STUB') {
        // A restart script starts as the main one does.
        const main = expected['localf/localf.flux.sh']!;
        expected['localf/localf.restart.flux.sh'] = main.replace('echo l\n', 'echo rr\n');
      }
      assert.deepEqual(rendered(golden, spec), expected);
    });
  }
});
