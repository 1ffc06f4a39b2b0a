import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { NewTask } from '../../../../src/orchestra/api/tasks.ts';
import { Refusal } from '../../../../src/orchestra/refusal.ts';
import { createTask } from '../../../../src/orchestra/server/tasks/create-task.ts';
import { addDataset, clusterWithData, newTask } from './tasks-under-test.ts';

/** A flaw of a task, and the Refusal that it is to get. */
interface Flaw {
  readonly flaw: Partial<NewTask>;
  readonly code: string;
  readonly message: RegExp;
}

/** In the order in which they are found: a task with several is told the first. */
const FLAWS: readonly Flaw[] = [
  { flaw: { name: 'fit' }, code: 'bad-name', message: /"fit" cannot be the name of a task/ },
  { flaw: { name: 'user.bob.fit' }, code: 'forbidden', message: /belongs to bob, and you are ada/ },
  { flaw: { queue: 'gpu' }, code: 'not-found', message: /no queue "gpu"/ },
  { flaw: { queue: 'closed' }, code: 'forbidden', message: /ada may not use the queue closed/ },
  { flaw: { name: 'user.ada.taken' }, code: 'exists', message: /a task user\.ada\.taken already/ },
  { flaw: { dataFile: 'user.ada.none' }, code: 'not-found', message: /no dataset user\.ada\.none.*dataFile/ },
  { flaw: { configFile: 'user.ada.none' }, code: 'not-found', message: /user\.ada\.none.*configFile/ },
  {
    flaw: { secondary: { REF: 'user.ada.none' } },
    code: 'not-found',
    message: /user\.ada\.none.*secondary dataset REF/,
  },
  { flaw: { exec: 'x %IN %OUT' }, code: 'unprocessable', message: /does not contain %DATA/ },
  { flaw: { exec: 'x %DATA %OUT' }, code: 'unprocessable', message: /does not contain %IN/ },
  { flaw: { exec: 'x %DATA %IN' }, code: 'unprocessable', message: /does not contain %OUT/ },
  {
    flaw: { secondary: { REF: 'user.ada.data' }, exec: 'x %DATA %IN %OUT' },
    code: 'unprocessable',
    message: /does not contain REF/,
  },
  { flaw: { name: 'user.ada.data' }, code: 'exists', message: /a dataset user\.ada\.data already/ },
  { flaw: { image: '../etc' }, code: 'bad-name', message: /cannot be the name of an image/ },
  { flaw: { configFile: 'user.ada.empty' }, code: 'unprocessable', message: /user\.ada\.empty has no files/ },
];

function world(...[test, config]: Parameters<typeof clusterWithData>) {
  const found = clusterWithData(test, config);
  const { cluster, ada, bob } = found;
  cluster.config.queues.push({ name: 'closed', slots: 1, open: false });
  addDataset(cluster, ada, 'user.ada.empty', []);
  addDataset(cluster, bob, 'user.bob.data', ['secret.txt']);
  createTask(cluster, ada, newTask({ name: 'user.ada.taken' }));
  return found;
}

function refusalOf(run: () => unknown): Refusal {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error;
  }
  return assert.fail('it was not refused');
}

describe('creating a task', () => {
  it('is refused for each flaw with a message of its own', (test) => {
    const { cluster, ada } = world(test);
    for (const { flaw, code, message } of FLAWS) {
      const refusal = refusalOf(() => createTask(cluster, ada, newTask(flaw)));
      assert.equal(refusal.code, code, message.source);
      assert.match(refusal.message, message);
    }
  });

  it('finds the flaws in their order', (test) => {
    const { cluster, ada } = world(test);
    const index = fc.integer({ min: 0, max: FLAWS.length - 1 });
    fc.assert(
      fc.property(index, index, (one, other) => {
        const [first, second] = [FLAWS[Math.min(one, other)]!, FLAWS[Math.max(one, other)]!];
        const both = { ...second.flaw, ...first.flaw };
        // Where both are flaws of the same field there is only one of them.
        if (Object.keys(first.flaw).some((field) => field in second.flaw)) return;
        const refusal = refusalOf(() => createTask(cluster, ada, newTask(both)));
        assert.match(refusal.message, first.message);
      }),
    );
  });

  it('leaves nothing behind where it is refused or only tried', (test) => {
    const { cluster, ada } = clusterWithData(test);
    const count = () =>
      ['task', 'job', 'dataset', 'mail'].map((table) =>
        cluster.store.prepare(`SELECT count(*) FROM ${table}`).pluck().get(),
      );
    const before = count();
    for (const { flaw } of FLAWS) {
      try {
        createTask(cluster, ada, newTask({ ...flaw, dryRun: true }));
      } catch {}
    }
    createTask(cluster, ada, newTask({ dryRun: true }));
    assert.deepEqual(count(), before);
    assert.ok(!existsSync(join(cluster.directory.volume, 'ada', 'user.ada.fit')));
  });

  it('shows with a dry run the jobs and their commands', (test) => {
    const { cluster, ada } = clusterWithData(test);
    addDataset(cluster, ada, 'user.ada.odd', ["it's $(id).txt"]);
    const task = newTask({ dataFile: 'user.ada.odd', dryRun: true });
    const { count, jobs } = createTask(cluster, ada, task);
    assert.equal(count, 4);
    assert.deepEqual(jobs[1], {
      name: 'job_configId_1',
      input: 'ada/user.ada.configs/b.json',
      command:
        `fit -d '/volume/ada/user.ada.odd/it'\\''s $(id).txt' -i /volume/ada/user.ada.configs/b.json ` +
        '-o /volume/ada/user.ada.fit/job_configId_1',
    });
  });

  it('makes a job a file, in the order of their names, and the dataset of the outputs', (test) => {
    const { cluster, ada } = clusterWithData(test);
    const { count } = createTask(cluster, ada, newTask());
    assert.equal(count, 4);
    const inputs = cluster.store.prepare('SELECT number, input FROM job ORDER BY number').raw().all();
    assert.deepEqual(inputs[3], [3, 'ada/user.ada.configs/d.json']);
    assert.ok(existsSync(join(cluster.directory.volume, 'ada', 'user.ada.fit')));
    const kind = cluster.store.prepare(`SELECT kind FROM dataset WHERE name = 'user.ada.fit'`).pluck().get();
    assert.equal(kind, 'outputs');
  });

  it('needs no word for what is a dummy', (test) => {
    const { cluster, ada } = clusterWithData(test);
    const task = newTask({ exec: 'x %OUT', isDummyData: true, isDummyConfig: true });
    assert.equal(createTask(cluster, ada, task).count, 4);
  });

  it('lets nobody use the datasets of another, administrators neither', (test) => {
    const { cluster, ada, grace } = world(test);
    for (const field of ['dataFile', 'configFile'] as const) {
      const refusal = refusalOf(() => createTask(cluster, grace, newTask({ [field]: 'user.bob.data' })));
      assert.equal(refusal.code, 'forbidden');
    }
    const task = newTask({ secondary: { REF: 'user.bob.data' }, exec: 'x %DATA %IN %OUT %REF' });
    assert.equal(refusalOf(() => createTask(cluster, ada, task)).code, 'forbidden');
    assert.equal(
      refusalOf(() => createTask(cluster, ada, newTask({ dataFile: 'user.bob.nothing' }))).code,
      'forbidden',
      'and whether there is such a dataset is not told',
    );
  });

  it('lets administrators make tasks for others', (test) => {
    const { cluster, grace } = clusterWithData(test);
    createTask(cluster, grace, newTask());
    const owner = cluster.store
      .prepare('SELECT user.name FROM task JOIN user ON user.id = owner')
      .pluck()
      .get();
    assert.equal(owner, 'ada');
  });

  it('holds the bounds of jobs of a task and of a user', (test) => {
    const { cluster, ada } = clusterWithData(test, {
      limits: { fileMiB: 1, jobsPerTask: 4, requestsPerMinute: 1, freeMiB: 0 },
    });
    addDataset(cluster, ada, 'user.ada.many', ['1', '2', '3', '4', '5']);
    const many = newTask({ configFile: 'user.ada.many' });
    assert.match(refusalOf(() => createTask(cluster, ada, many)).message, /has 5 files/);
    cluster.store.prepare('UPDATE user SET job_quota = 7').run();
    createTask(cluster, ada, newTask());
    const refusal = refusalOf(() => createTask(cluster, ada, newTask({ name: 'user.ada.second' })));
    assert.equal(refusal.code, 'quota-exceeded');
    assert.match(refusal.message, /may have 7 jobs .* has 4; this would be 4 more/);
    cluster.store.prepare(`UPDATE job SET state = 'done' WHERE number = 0`).run();
    createTask(cluster, ada, newTask({ name: 'user.ada.second' }));
  });

  it('takes any command, and no image that is more than a name', (test) => {
    const { cluster, ada } = clusterWithData(test);
    const exec = `%DATA %IN %OUT; rm -rf / && $(reboot) \`id\` | 'x' "y" \n\\ #`;
    createTask(cluster, ada, newTask({ exec }));
    const images = [
      'busybox',
      'debian:12',
      'docker.io/library/debian:12',
      `ghcr.io/lab/fit@sha256:${'a'.repeat(64)}`,
      'root_6.30',
    ];
    images.push('jodafons/orchestra:1', 'localhost:5000/x');
    for (const [index, image] of images.entries()) {
      createTask(cluster, ada, newTask({ name: `user.ada.i${index}`, image, dryRun: true }));
    }
    for (const image of [
      '',
      ' ',
      '-v/:/x',
      '--privileged',
      '/etc',
      '../x',
      'a/../b',
      'a b',
      'a;b',
      '$(id)',
      'a\nb',
      'a//b',
    ]) {
      assert.equal(
        refusalOf(() => createTask(cluster, ada, newTask({ name: 'user.ada.x', image }))).code,
        'bad-name',
      );
    }
    const nul = newTask({ name: 'user.ada.x', exec: '%DATA %IN %OUT \0' });
    assert.match(refusalOf(() => createTask(cluster, ada, nul)).message, /NUL/);
  });

  it('refuses a data file that would be taken for a word of the command', (test) => {
    const { cluster, ada } = clusterWithData(test);
    addDataset(cluster, ada, 'user.ada.odd', ['x%IN']);
    const task = newTask({ dataFile: 'user.ada.odd' });
    assert.match(
      refusalOf(() => createTask(cluster, ada, task)).message,
      /x%IN .* cannot stand in a command/,
    );
  });
});
