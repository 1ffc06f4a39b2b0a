import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { EngineScene, NODE } from './engine-scene.ts';

const output = (
  scene: EngineScene,
  task: Parameters<EngineScene['outputOf']>[0],
  number: number,
  file: string,
) => readFileSync(join(scene.outputOf(task, number), file), 'utf8');

describe('a task', () => {
  let scene: EngineScene;
  before(() => {
    scene = new EngineScene([{ name: 'cpu', slots: 2, runtime: 'bwrap' }]);
  });
  after(() => scene.close());

  it('runs its jobs, each in its own directory, and keeps their logs', async () => {
    const task = await scene.submit({ command: 'echo "hello from $PWD"; echo x > %OUT/x', jobs: 3 });
    const jobs = await scene.untilEnded(task);
    assert.deepEqual(
      jobs.map(({ number, phase, node }) => [number, phase, node]),
      [0, 1, 2].map((number) => [number, 'done', NODE]),
    );
    assert.match(
      scene.logOf(task, 2),
      /^name {4}job_configId_2 of user\.ada\.task\d+\nnode {4}\S+\nstatus {2}done +\n\nhello from \/volume\/ada\/user\.ada\.task\d+\/job_configId_2\n$/,
    );
  });

  it('gives way to the server', async () => {
    const task = await scene.submit({ command: `awk '{ print $19 }' /proc/self/stat > %OUT/nice` });
    await scene.untilEnded(task);
    assert.equal(Number(output(scene, task, 0, 'nice')), Math.max(10, getPriority()));
  });

  it('runs no other job before its canaries have done well', async () => {
    const task = await scene.submit({ command: 'echo x > %OUT/x', jobs: 6, canaries: 2 });
    const jobs = await scene.untilEnded(task);
    assert.ok(jobs.every(({ phase }) => phase === 'done'));
    const tested = Math.max(...jobs.slice(0, 2).map(({ endedAt }) => endedAt!));
    for (const { startedAt } of jobs.slice(2)) assert.ok(startedAt! >= tested);
  });

  it('runs nothing more where a canary has failed', async () => {
    const task = await scene.submit({ command: 'exit 3', jobs: 4, canaries: 1 });
    const jobs = await scene.untilEnded(task);
    assert.deepEqual(
      jobs.map(({ phase, startedAt }) => [phase, startedAt !== null]),
      [['failed', true], ...[1, 2, 3].map(() => ['failed', false])],
    );
    assert.match(scene.logOf(task, 0), /status {2}failed: exit code 3 +\n/);
    assert.deepEqual(readdirSync(scene.outputOf(task, 1)), []);
  });

  it('fails a job that leaves nothing behind', async () => {
    const task = await scene.submit({ command: 'echo much ado' });
    assert.deepEqual(
      (await scene.untilEnded(task)).map(({ phase }) => phase),
      ['failed'],
    );
    assert.match(
      scene.logOf(task, 0),
      /status {2}failed: it left no output +\n\nmuch ado\n\nThe job ended well, but/,
    );
  });

  it('passes its command on as it is, with inputs of any name in any quoting', async () => {
    const name = `it's $(touch x) \`touch x\` "q" %OUT \\ ünï.json`;
    const { volume } = scene.cluster.directory;
    mkdirSync(join(volume, 'ada/data'), { recursive: true });
    writeFileSync(join(volume, 'ada/data', name), 'content;');
    const command = `cat %IN "%IN" '%IN' > %OUT/all; echo '$HOME' "a\\"b" \\$x; printf '%s\n' 'two
lines' 'it'"'"'s' >> '%OUT/all'`;
    const task = await scene.submit({ command, inputs: [`ada/data/${name}`] });
    assert.deepEqual(
      (await scene.untilEnded(task)).map(({ phase }) => phase),
      ['done'],
    );
    assert.equal(output(scene, task, 0, 'all'), "content;content;content;two\nlines\nit's\n");
    assert.ok(scene.logOf(task, 0).endsWith('\n$HOME a"b $x\n'));
    assert.deepEqual(readdirSync(scene.outputOf(task, 0)).sort(), ['all', 'job_configId_0.log']);
  });

  it('sees its owner’s files, may write its own directory alone, and has no network, no GPU and no secrets', async () => {
    const { volume } = scene.cluster.directory;
    for (const user of ['ada', 'bob']) {
      mkdirSync(join(volume, user, 'files'), { recursive: true });
      writeFileSync(join(volume, user, 'files/a'), user);
    }
    process.env.MAESTRO_TEST_SECRET = 'xyzzy';
    const command = [
      'cat /volume/ada/files/a > %OUT/seen',
      'ls /volume > %OUT/users',
      '(: > /volume/ada/files/b) 2>/dev/null || (: > /volume/ada/c) 2>/dev/null || (: > /x) 2>/dev/null || echo no > %OUT/written',
      'cat /proc/net/dev > %OUT/network',
      'env > %OUT/environment',
    ].join('; ');
    const task = await scene.submit({ command });
    assert.deepEqual(
      (await scene.untilEnded(task)).map(({ phase }) => phase),
      ['done'],
    );
    assert.equal(output(scene, task, 0, 'seen'), 'ada');
    assert.equal(output(scene, task, 0, 'users'), 'ada\n');
    assert.equal(output(scene, task, 0, 'written'), 'no\n');
    assert.deepEqual(
      output(scene, task, 0, 'network')
        .match(/^ *\w+(?=:)/gm)
        ?.map((text) => text.trim()),
      ['lo'],
    );
    assert.match(output(scene, task, 0, 'environment'), /^CUDA_VISIBLE_DEVICES=-1$/m);
    assert.doesNotMatch(output(scene, task, 0, 'environment'), /xyzzy/);
  });

  it('cannot have its log written elsewhere by a link that it puts in its place', async () => {
    const { root } = scene.cluster.directory;
    writeFileSync(join(root, 'precious'), 'precious');
    const command = `rm -f %OUT/*.log; ln -s ${join(root, 'precious')} %OUT/job_configId_0.log; echo x > %OUT/x`;
    await scene.untilEnded(await scene.submit({ command }));
    assert.equal(readFileSync(join(root, 'precious'), 'utf8'), 'precious');
  });

  it('runs failed jobs again in emptied directories, and those alone', async () => {
    const command =
      'echo $$ > %OUT/trace; [ -e %OUT/old ] && exit 9; echo x > %OUT/old; read -r word < %IN && [ "$word" = good ]';
    const { volume } = scene.cluster.directory;
    mkdirSync(join(volume, 'ada/words'), { recursive: true });
    const words = ['good', 'bad', 'good'].map((word, number) => {
      writeFileSync(join(volume, `ada/words/${number}`), `${word}\n`);
      return `ada/words/${number}`;
    });
    const task = await scene.submit({ command, jobs: 3, inputs: words });
    const first = await scene.untilEnded(task);
    assert.deepEqual(
      first.map(({ phase }) => phase),
      ['done', 'failed', 'done'],
    );
    writeFileSync(join(volume, 'ada/words/1'), 'good\n');
    assert.deepEqual(scene.engine.requestRetryFailed(task), [1]);
    const again = await scene.until(task, (jobs) => jobs.every(({ phase }) => phase === 'done'));
    assert.deepEqual([again[0]!.startedAt, again[2]!.startedAt], [first[0]!.startedAt, first[2]!.startedAt]);
    await scene.untilEnded(task);
  });

  it('is killed before it has begun, and its study is removed', async () => {
    const task = scene.plan({ command: 'echo x > %OUT/x', jobs: 2 });
    await scene.engine.makeStudy(task);
    scene.engine.requestKill(task);
    scene.setState(task, 'kill');
    assert.deepEqual(
      (await scene.untilEnded(task)).map(({ phase }) => phase),
      ['cancelled', 'cancelled'],
    );
    scene.setState(task, 'registered');
    await scene.untilRemoved(task);
    assert.equal(scene.engine.hasStudy(task), false);
    assert.deepEqual(
      readdirSync(scene.cluster.directory.studies).filter((name) => name.startsWith(`${task.id}-`)),
      [],
    );
  });
});
