import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { UserError } from '../../../src/shared/errors.ts';
import { acquireDependencies } from '../../../src/shared/prepare/acquire.ts';
import { checkDependencies } from '../../../src/shared/prepare/dependencies.ts';
import { formatDiagnostic } from '../../../src/shared/spec/diagnostic.ts';
import type { GitDependency, Specification, SpecPath } from '../../../src/shared/spec/specification.ts';
import { git, makeTinyRepository, type TinyRepository } from './tiny-repository.ts';

let shared: string;
let tiny: TinyRepository;
let directory: string;

before(() => {
  shared = realpathSync(mkdtempSync(join(tmpdir(), 'maestro-tiny-')));
  tiny = makeTinyRepository(shared);
});

after(() => rmSync(shared, { recursive: true, force: true }));

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'maestro-dependencies-')));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

type Dependency = Specification['dependencies'][number];

/** A specification with these dependencies; a place in it reads as the keys that lead there. */
function specificationOf(
  dependencies: readonly Dependency[],
  environment: Specification['environment'] = [],
): Specification {
  return {
    file: 'study.yaml',
    text: '',
    name: 'study',
    description: 'a study',
    environment,
    dependencies,
    batch: { type: 'local', shell: '/bin/bash', args: {} },
    steps: [],
    parameters: [],
    locate: (path: SpecPath) => ({ file: path.slice(2).join('/'), line: 1, column: 1 }),
  };
}

function context() {
  return { cwd: directory, specRoot: join(directory, 'spec'), outputPath: join(directory, 'study') };
}

function gitDependency(more: Partial<GitDependency> = {}): GitDependency {
  return { kind: 'git', name: 'TINY', path: '$(OUTPUT_PATH)', url: tiny.url, ...more };
}

/** What is wrong with a git dependency, as a user sees it, with the directories of this test left out. */
async function problemOf(more: Partial<GitDependency>): Promise<string> {
  const { problems } = await checkDependencies(specificationOf([gitDependency(more)]), context());
  assert.equal(problems.length, 1);
  return formatDiagnostic(problems[0]!).replaceAll(`${directory}/`, '').replaceAll(`${shared}/`, '');
}

describe('a path dependency', () => {
  test('is looked for from the current directory', async () => {
    mkdirSync(join(directory, 'data'));
    const { paths, problems } = await checkDependencies(
      specificationOf([
        { kind: 'path', name: 'HERE', path: 'data' },
        { kind: 'path', name: 'THERE', path: shared },
      ]),
      context(),
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(Object.fromEntries(paths), { HERE: join(directory, 'data'), THERE: shared });
  });

  test('that does not exist is shown at its path, each of several', async () => {
    const { problems } = await checkDependencies(
      specificationOf([
        { kind: 'path', name: 'A', path: '/no/such/place' },
        gitDependency(),
        { kind: 'path', name: 'B', path: '$(SPECROOT)/data' },
      ]),
      context(),
    );
    const lines = problems.map(formatDiagnostic);
    assert.match(lines[0]!, /^paths\/0\/path:1:1: dependency A: \/no\/such\/place does not exist; create it/);
    assert.match(lines[1]!, /^paths\/1\/path:1:1: dependency B: .* tokens are not replaced in the paths/);
    assert.equal(lines.length, 2);
  });
});

describe('a git dependency', () => {
  const selections: [what: string, ref: () => GitDependency['ref'], text: string][] = [
    ['nothing: the branch that the repository offers', () => undefined, 'three\n'],
    ['a tag', () => ({ kind: 'tag', name: 'rel-1' }), 'two\n'],
    ['a branch', () => ({ kind: 'branch', name: 'side' }), 'four\n'],
    ['a hash', () => ({ kind: 'hash', name: tiny.hashes[0]! }), 'one\n'],
    ['a short hash', () => ({ kind: 'hash', name: tiny.hashes[1]!.slice(0, 7) }), 'two\n'],
  ];
  for (const [what, ref, text] of selections) {
    test(`is cloned at ${what}`, async () => {
      const selected = ref();
      const specification = specificationOf([gitDependency(selected === undefined ? {} : { ref: selected })]);
      const { paths, clones, problems } = await checkDependencies(specification, context());
      assert.deepEqual(problems, []);
      const clone = join(directory, 'study', 'TINY');
      assert.equal(paths.get('TINY'), clone);
      assert.deepEqual(readdirSync(directory), [], 'checking creates nothing');
      await acquireDependencies(clones, context());
      assert.equal(readFileSync(join(clone, 'f.txt'), 'utf8'), text);
      assert.deepEqual(readdirSync(join(directory, 'study')), ['TINY']);
      assert.equal(git(clone, 'status', '--porcelain'), '');
    });
  }

  test('takes variables in its path and url, and labels in neither', async () => {
    const environment = [
      { name: 'BASE', value: shared, block: 'variables', isText: true },
      { name: 'LABEL', value: '$(BASE)/label', block: 'labels', isText: true },
    ] as const;
    const good = gitDependency({ path: '$(SPECROOT)/libs', url: '$(BASE)/tiny.git' });
    const { clones, problems } = await checkDependencies(specificationOf([good], environment), context());
    assert.deepEqual(problems, []);
    assert.equal(clones[0]?.directory, join(directory, 'spec', 'libs', 'TINY'));
    assert.equal(clones[0]?.url, tiny.url);
    const bad = gitDependency({ url: '$(LABEL)/tiny.git' });
    const found = await checkDependencies(specificationOf([bad], environment), context());
    assert.match(
      formatDiagnostic(found.problems[0]!),
      /^git\/0\/url:.*\$\(LABEL\) in its url is no variable/,
    );
  });

  test('has its relative path and url from the current directory', async () => {
    git(directory, 'clone', '--quiet', '--bare', tiny.url, 'near.git');
    const specification = specificationOf([gitDependency({ path: 'libs', url: './near.git' })]);
    const { clones, problems } = await checkDependencies(specification, context());
    assert.deepEqual(problems, []);
    await acquireDependencies(clones, context());
    assert.equal(readFileSync(join(directory, 'libs', 'TINY', 'f.txt'), 'utf8'), 'three\n');
  });

  test('asks for a tag that has the name of a branch', async () => {
    git(directory, 'clone', '--quiet', '--bare', tiny.url, 'both.git');
    git(join(directory, 'both.git'), 'branch', 'rel-1', 'side');
    const url = join(directory, 'both.git');
    const read = async (kind: 'tag' | 'branch') => {
      const specification = specificationOf([
        gitDependency({ url, path: kind, ref: { kind, name: 'rel-1' } }),
      ]);
      await acquireDependencies((await checkDependencies(specification, context())).clones, context());
      return readFileSync(join(directory, kind, 'TINY', 'f.txt'), 'utf8');
    };
    assert.equal(await read('tag'), 'two\n');
    assert.equal(await read('branch'), 'four\n');
  });

  test('that cannot be reached is shown with git’s own words', async () => {
    assert.match(
      await problemOf({ url: '/no/such/repo.git' }),
      /^git\/0\/url:1:1: dependency TINY \(\/no\/such\/repo\.git\): git cannot reach .*'\/no\/such\/repo\.git' does not/,
    );
  });

  test('with a tag, branch or hash that is not there is shown at it', async () => {
    assert.match(
      await problemOf({ ref: { kind: 'tag', name: 'rel-2' } }),
      /^git\/0\/tag:1:1: dependency TINY \(tag rel-2 of tiny\.git\): .* no such tag; did you mean 'rel-1'\?/,
    );
    assert.match(
      await problemOf({ ref: { kind: 'branch', name: 'main' } }),
      /^git\/0\/branch:1:1: .* no such branch; it has side, trunk$/,
    );
    assert.match(
      await problemOf({ ref: { kind: 'hash', name: 'deadbeef' } }),
      /^git\/0\/hash:1:1: .* no such hash/,
    );
    assert.match(await problemOf({ ref: { kind: 'hash', name: 'HEAD~1' } }), /hash:.*hexadecimal digits/);
  });

  test('is cloned over nothing: what stands there is shown before', async () => {
    mkdirSync(join(directory, 'libs', 'TINY'), { recursive: true });
    assert.match(
      await problemOf({ path: 'libs' }),
      /^git\/0\/path:1:1: dependency TINY: libs\/TINY, where it is cloned to, exists already; remove it/,
    );
    mkdirSync(join(directory, 'study', 'TINY'), { recursive: true });
    const inStudy = await checkDependencies(specificationOf([gitDependency()]), context());
    assert.deepEqual(inStudy.problems, [], 'a study directory that is to be replaced does not count');
    await assert.rejects(acquireDependencies(inStudy.clones, context()), /exists already/);
    assert.deepEqual(readdirSync(join(directory, 'study', 'TINY')), [], 'it is left as it was');
  });

  test('cannot climb out by its name', async () => {
    assert.match(await problemOf({ name: '../TINY' }), /^git\/0\/name:1:1: .*cannot be that of a directory/);
  });

  test('shows no password', async () => {
    const said = await problemOf({ url: 'http://someone:hushhush@127.0.0.1:1/x.git' });
    assert.match(said, /git cannot reach/);
    assert.doesNotMatch(said, /hushhush/);
  });

  test('does not take an option for a url', async () => {
    assert.match(await problemOf({ url: '--upload-pack=touch owned' }), /git cannot reach/);
    assert.deepEqual(readdirSync(directory), []);
  });
});

describe('acquiring several', () => {
  test('leaves nothing at all if one cannot be had', async () => {
    const clones = [
      { name: 'GOOD', url: tiny.url, directory: join(directory, 'a', 'b', 'GOOD') },
      { name: 'BAD', url: '/no/such/repo.git', directory: join(directory, 'a', 'c', 'BAD') },
    ];
    await assert.rejects(acquireDependencies(clones, context()), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(
        error.line,
        /^dependency BAD \(\/no\/such\/repo\.git\) could not be cloned: git says: fatal: /,
      );
      return true;
    });
    assert.deepEqual(readdirSync(directory), []);
  });

  test('leaves nothing of a clone whose hash is not there, and what others put beside it', async () => {
    mkdirSync(join(directory, 'libs'));
    writeFileSync(join(directory, 'libs', 'mine'), '');
    const ref = { kind: 'hash', name: 'deadbeef' } as const;
    const clones = [{ name: 'TINY', url: tiny.url, ref, directory: join(directory, 'libs', 'TINY') }];
    await assert.rejects(
      acquireDependencies(clones, context()),
      /dependency TINY \(hash deadbeef of .*: git says/,
    );
    assert.deepEqual(readdirSync(join(directory, 'libs')), ['mine']);
  });

  test('leaves nothing if the run is given up in the middle of a clone', async (t) => {
    // A host that accepts and never answers: the clone is under way until it is given up.
    const given = new AbortController();
    const server = createServer(() => given.abort(new UserError('given up')));
    t.after(() => server.close());
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as { port: number };
    const clones = [
      { name: 'SLOW', url: `git://127.0.0.1:${port}/x.git`, directory: join(directory, 'libs', 'SLOW') },
    ];
    await assert.rejects(acquireDependencies(clones, { cwd: directory, signal: given.signal }), /given up/);
    assert.deepEqual(readdirSync(directory), []);
  });

  test('says where nothing can be put', async () => {
    writeFileSync(join(directory, 'file'), '');
    const clones = [{ name: 'TINY', url: tiny.url, directory: join(directory, 'file', 'TINY') }];
    await assert.rejects(
      acquireDependencies(clones, context()),
      /dependency TINY: nothing can be put into .*file: EEXIST/,
    );
  });
});
