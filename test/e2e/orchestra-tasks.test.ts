import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { addBusyboxImage } from '../orchestra/busybox-image.ts';
import { servedCluster } from '../orchestra/served-cluster.ts';
import { oldClient } from '../orchestra/server/legacy/old-client.ts';
import { makePlace } from './harness.ts';

/** A cluster, and ada's terminal, logged in; ada has uploaded data and three configurations. */
async function adasTerminal(test: TestContext) {
  const cluster = await servedCluster(test);
  addBusyboxImage(cluster.cluster.directory.images);
  await cluster.addUser('ada');
  const client = oldClient(cluster.url);
  const token = await cluster.tokenOf('ada');
  const ada = { username: 'ada', credentials: `$ada$${token}` };
  await client.upload({ ...ada, datasetname: 'user.ada.data' }, 'events.txt', 'events\n');
  for (const name of ['a', 'b', 'c']) {
    await client.upload({ ...ada, datasetname: 'user.ada.configs' }, `${name}.json`, `${name}\n`);
  }
  const place = makePlace(test);
  const env = { HOME: place.directory, MAESTRO_SERVER: cluster.url };
  await place.maestro(['authenticate', '-u', 'ada'], { env, input: 'password of ada' });
  const task = async (...words: string[]) => await place.maestro(['task', ...words], { env });
  return {
    task,
    /** Creates a task of ada's that runs a command. */
    create: async (name: string, exec: string, ...more: string[]) =>
      await task(
        ...['create', '-t', `user.ada.${name}`, '-d', 'user.ada.data', '-c', 'user.ada.configs'],
        ...['--containerImage', 'busybox', '--exec', exec, ...more],
      ),
    json: async <Answer>(...words: string[]): Promise<Answer> => {
      const { code, stdout, stderr } = await task(...words, '--json');
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout) as Answer;
    },
  };
}

interface ShownTask {
  readonly state: string;
  readonly jobs: Readonly<Record<string, number>>;
  readonly contents: readonly { readonly name: string; readonly state: string; readonly node: string }[];
}

describe('maestro task', () => {
  it('creates a task, follows it to its end, shows it and its logs, and deletes it', async (test) => {
    const { create, task, json } = await adasTerminal(test);
    const created = await create('fit', 'echo read %IN; cat %DATA %IN > %OUT/result', '--follow');
    assert.equal(created.code, 0, created.stderr);
    assert.match(created.stdout, /^user\.ada\.fit has been created, with 3 jobs\n/);
    assert.match(created.stdout, /user\.ada\.fit {2}done {2}█+ {2}3 of 3 jobs done\n$/);
    const list = await task('list');
    assert.match(
      list.stdout,
      /^Queue +Taskname +Registered +Assigned +Testing +Running +Failed +Done +kill +killed/,
    );
    assert.match(list.stdout, /cpu_small +user\.ada\.fit(?: +0){5} +3(?: +0){3} +done/);
    const shown = await json<ShownTask>('show', 'user.ada.fit');
    assert.equal(shown.contents.length, 3);
    assert.deepEqual(
      [shown.state, shown.contents[2]!.name, shown.contents[2]!.state],
      ['done', 'job_configId_2', 'done'],
    );
    const log = await task('logs', 'user.ada.fit', 'job_configId_1', '-f');
    assert.equal(log.code, 0);
    assert.match(log.stdout, /read \/volume\/ada\/user\.ada\.configs\/b\.json/);
    const logs = await task('logs', 'user.ada.fit');
    assert.match(logs.stdout, /==> job_configId_0 <==[\s\S]*==> job_configId_2 <==/);
    assert.equal((await task('wait', 'user.ada.fit')).code, 0);
    const deleted = await task('delete', '-t', 'user.ada.fit');
    assert.equal(deleted.stdout, 'user.ada.fit has been deleted\n');
    assert.match((await task('list')).stderr, /ada has no tasks/);
  });

  it('tells by exit codes what has failed, and runs again what has', async (test) => {
    const { create, task, json } = await adasTerminal(test);
    const exec = 'grep -q c %IN && ls %OUT/../../no-such; cat %DATA %IN > %OUT/result; grep -q a %IN';
    const finalized = await create('some', exec, '--follow');
    assert.equal(finalized.code, 2, finalized.stdout);
    const { state, jobs } = await json<ShownTask>('show', 'user.ada.some');
    assert.deepEqual([state, jobs.done, jobs.failed], ['finalized', 1, 2]);
    const again = await task('retry', '-t', 'user.ada.some');
    assert.match(again.stdout, /user\.ada\.some is running again/);
    assert.equal((await task('wait', 'user.ada.some')).code, 2);
    const broken = await create('bad', 'echo no; test %DATA = %IN && echo > %OUT/x', '--follow');
    assert.equal(broken.code, 2);
    const page = await task('show', 'user.ada.bad');
    assert.match(page.stdout, /The test of job_configId_0 has failed, so the others were not run/);
    assert.match((await task('logs', 'user.ada.bad', '0')).stdout, /^no$/m);
  });

  it('kills a task, and all of a user', async (test) => {
    const { create, task, json } = await adasTerminal(test);
    await create('one', 'echo %DATA %IN > %OUT/x; sleep 3600', '--bypass');
    await create('two', 'echo %DATA %IN > %OUT/x; sleep 3600', '--canaries', '2');
    const queue = await task('queue');
    assert.match(queue.stdout, /^username +Queue +Taskname +job +priority +Status/);
    const killed = await task('kill', '-t', 'user.ada.one');
    assert.equal(killed.stdout, 'user.ada.one is being killed\n');
    assert.equal((await task('wait', 'user.ada.one')).code, 3);
    assert.deepEqual(await json('kill', '-u', 'ada', '--all'), { killed: ['user.ada.two'] });
    assert.equal((await task('wait', 'user.ada.two')).code, 3);
    const useless = await task('kill', '-t', 'user.ada.two');
    assert.equal(useless.code, 1);
    assert.match(useless.stderr, /error: user\.ada\.two is killed: there is nothing to kill/);
  });

  it('shows with --dry_run what would run, and makes nothing', async (test) => {
    const { create, json } = await adasTerminal(test);
    const secondary = ['--sd', `{'REF': 'user.ada.data'}`];
    const dry = await create('fit', 'fit %DATA %IN %REF -o %OUT', '--dry_run', ...secondary);
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stdout, /^user\.ada\.fit would have 3 jobs; nothing has been made\n/);
    assert.match(
      dry.stdout,
      /fit \/volume\/ada\/user\.ada\.data\/events\.txt \/volume\/ada\/user\.ada\.configs\/c\.json \/volume\/ada\/user\.ada\.data\/events\.txt -o \/volume\/ada\/user\.ada\.fit\/job_configId_2/,
    );
    assert.deepEqual(await json('list'), []);
  });

  it('says in a line what is wrong', async (test) => {
    const { create, task } = await adasTerminal(test);
    for (const [answer, message] of [
      [await create('x', 'fit %DATA %IN'), /--exec does not contain %OUT; put it where/],
      [
        await create('x', '%DATA %IN %OUT', '--queue', 'none'),
        /there is no queue "none"; there are cpu_small/,
      ],
      [await create('x', '%DATA %IN %OUT', '--sd', `{'A': open('x')}`), /must look like \{'REF'/],
      [await task('show', 'fit'), /"fit" cannot be the name of a task/],
      [await task('show', 'user.bob.fit'), /this belongs to bob, and you are ada/],
      [await task('kill'), /nothing to kill is named; give --task, or --all/],
    ] as const) {
      assert.equal(answer.code, 1);
      assert.match(answer.stderr, message);
      assert.equal(answer.stderr.trim().split('\n').length, 1, answer.stderr);
    }
  });
});
