import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { UserError } from '../../src/shared/errors.ts';
import { createStudyDirectory } from '../../src/shared/prepare/directory.ts';
import { type CheckedStudy, checkStudy } from '../../src/shared/prepare/prepare.ts';
import { type Diagnostic, formatDiagnostic } from '../../src/shared/spec/diagnostic.ts';
import { readSpecification } from '../../src/shared/spec/read.ts';
import type { Fuzzer } from './fuzzer.ts';
import { anyName, ESCAPED, hostileName, mutated } from './hostile-text.ts';

const FIXTURES = new URL('../fixtures/', import.meta.url).pathname;

/** All specifications that the tests know, sound ones and bad ones. */
function goldens(): string[] {
  const good = readdirSync(join(FIXTURES, 'golden'))
    .map((name) => join(FIXTURES, 'golden', name, 'spec.yaml'))
    .filter((file) => existsSync(file));
  const bad = readdirSync(join(FIXTURES, 'golden-bad'))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(FIXTURES, 'golden-bad', name));
  return [...good, ...bad].map((file) => readFileSync(file, 'utf8'));
}

/** What a user is told must be told on one line, at a place in the file, without a stack. */
function checkDiagnostics(diagnostics: readonly Diagnostic[], text: string): void {
  const lines = text.split(/\r\n|\r|\n/).length;
  for (const diagnostic of diagnostics) {
    const { at } = diagnostic;
    assert.doesNotMatch(formatDiagnostic(diagnostic), /\n|\bat \S+ \(.*:\d+:\d+\)/, 'it is no line');
    assert.ok(at.line >= 1 && at.line <= lines && at.column >= 1, `there is no ${at.line}:${at.column}`);
  }
}

/** Reads specifications that have had an accident. */
export const readingSpecifications: Fuzzer = {
  name: 'specifications that are read',
  runs: 500,
  open: () => ({
    property: fc.property(mutated(goldens()), (text) => {
      const { specification, diagnostics } = readSpecification('study.yaml', text);
      checkDiagnostics(diagnostics, text);
      const hasErrors = diagnostics.some(({ severity }) => severity === 'error');
      assert.equal(specification === undefined, hasErrors, 'a specification is sound or tells what is wrong');
    }),
    clean: () => undefined,
  }),
};

/** Mostly what is fine: a specification in which everything is hostile gets no further than its first mistake. */
function mostly(fine: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 9, arbitrary: fine }, { weight: 1, arbitrary: hostileName });
}

const resources = fc.record(
  {
    procs: mostly(fc.constantFrom(1, 4, 8)),
    walltime: mostly(fc.constantFrom('00:10:00', '10', '1:00:00')),
    reservation: mostly(fc.constantFrom('maintenance')),
  },
  { requiredKeys: [] },
);

/** What stands before a step's own command is the program's; this tells where that ends. */
const COMMAND = 'echo here begins the command';

interface DraftStep {
  readonly name: string;
  readonly description: string;
  readonly hasRestart: boolean;
  readonly usesParameter: boolean;
  readonly isScheduled: boolean;
  readonly asked: Readonly<Record<string, unknown>>;
  /** How far before this step the one stands that it depends on, if there is one, and whether on all of it. */
  readonly parent: { readonly before: number; readonly isFunnel: boolean };
}

const draftStep: fc.Arbitrary<DraftStep> = fc.record({
  name: anyName,
  description: anyName,
  hasRestart: fc.boolean(),
  usesParameter: fc.boolean(),
  isScheduled: fc.boolean(),
  asked: resources,
  parent: fc.record({ before: fc.nat({ max: 3 }), isFunnel: fc.boolean() }),
});

function stepsOf(drafts: readonly DraftStep[]): unknown[] {
  return drafts.map(({ name, description, hasRestart, usesParameter, isScheduled, asked, parent }, index) => {
    const before = parent.before === 0 ? undefined : drafts[index - parent.before];
    const run = {
      cmd: usesParameter ? `${COMMAND}\necho $(A) $(A.label)` : COMMAND,
      ...(hasRestart ? { restart: COMMAND } : {}),
      ...(before === undefined ? {} : { depends: [before.name + (parent.isFunnel ? '_*' : '')] }),
      ...(isScheduled ? { nodes: 1, ...asked } : {}),
    };
    return { name, description, run };
  });
}

const batch = fc.record({
  type: fc.constantFrom('local', 'slurm', 'flux', 'lsf', 'pbs'),
  host: mostly(fc.constant('cluster')),
  bank: mostly(fc.constant('science')),
  queue: mostly(fc.constant('batch')),
});

const parameters = fc
  .tuple(fc.array(anyName, { minLength: 1, maxLength: 4 }), mostly(fc.constant('A.%%')))
  .chain(([values, label]) => fc.constantFrom({ values, label }, { values, label: values }));

const made = fc
  .record({
    name: anyName,
    description: anyName,
    variable: anyName,
    batch,
    steps: fc.array(draftStep, { minLength: 1, maxLength: 4 }),
    parameters,
  })
  .map(({ name, description, variable, batch, steps, parameters }) => ({
    description: { name, description },
    env: { variables: { V: variable } },
    batch,
    study: stepsOf(steps),
    'global.parameters': { A: parameters },
  }));

/** Every path below a directory, links not followed. */
function paths(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
}

/** A directory to work in, deep enough that a few `..` are seen, and around it what must stay as it is. */
class Surroundings {
  readonly root = mkdtempSync(join(tmpdir(), 'maestro-fuzz-'));
  readonly cwd = join(this.root, 'a', 'b', 'work');
  private readonly before: readonly string[];

  constructor() {
    mkdirSync(this.cwd, { recursive: true });
    for (const place of ['.', 'a', 'a/b', 'a/b/work'])
      writeFileSync(join(this.root, place, 'sentinel'), place);
    this.before = paths(this.root);
  }

  /** Nothing has appeared or changed but what stands in one directory directly below the working directory. */
  check(directory: string | undefined): void {
    const within = directory === undefined ? undefined : directory.slice(this.root.length + 1);
    const left = paths(this.root).filter((path) => path !== within && !path.startsWith(`${within}${sep}`));
    assert.deepEqual(left, this.before, 'something is written outside of the study directory');
    assert.equal(readFileSync(join(this.cwd, 'sentinel'), 'utf8'), 'a/b/work');
    assert.ok(!existsSync(ESCAPED), `${ESCAPED} exists`);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** The scripts and workspaces of a study are its own, and no name becomes a command. */
function checkScripts({ expansion, directory }: CheckedStudy): void {
  const workspaces = new Set<string>();
  for (let index = 0; index < expansion.count; index++) {
    const workspace = join(directory, expansion.workspaces[index]!);
    assert.ok(workspace.startsWith(`${directory}${sep}`), `${workspace} is outside`);
    assert.ok(!workspaces.has(workspace), `${workspace} belongs to two steps`);
    workspaces.add(workspace);
    for (const file of readdirSync(workspace).filter((name) => name.endsWith('.sh'))) {
      const head = readFileSync(join(workspace, file), 'utf8').split(COMMAND)[0]!;
      for (const line of head.split('\n'))
        assert.match(line, /^(?:#[^\n]*)?$/, `${file} has a line of a name's`);
    }
  }
}

/** Makes studies, in earnest, of specifications whose every name is hostile. */
export const makingStudies: Fuzzer = {
  name: 'studies that are made',
  runs: 150,
  open: () => {
    const surroundings = new Surroundings();
    const { cwd } = surroundings;
    const specificationFile = join(tmpdir(), `maestro-fuzz-${process.pid}.yaml`);
    return {
      property: fc.asyncProperty(made, fc.boolean(), async (content, hashWorkspaces) => {
        writeFileSync(specificationFile, stringify(content));
        let directory: string | undefined;
        try {
          const { checked, diagnostics } = await checkStudy({
            specificationFile,
            generatorArgs: [],
            hashWorkspaces,
            useTmp: false,
            limits: { attempts: 1, rlimit: 1, throttle: 0, sleeptime: 60 },
            dry: true,
            cwd,
            now: new Date(0),
          });
          checkDiagnostics(diagnostics, readFileSync(specificationFile, 'utf8'));
          if (checked === undefined) return;
          directory = await createStudyDirectory(checked);
          checkScripts({ ...checked, directory });
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          assert.doesNotMatch(error.line, /\n/);
        } finally {
          surroundings.check(directory);
          if (directory !== undefined) rmSync(directory, { recursive: true });
        }
      }),
      clean: () => {
        surroundings.remove();
        rmSync(specificationFile, { force: true });
      },
    };
  },
};
