import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Refusal } from '../../../../src/orchestra/refusal.ts';
import { taskByName } from '../../../../src/orchestra/server/tasks/task-row.ts';
import { newTask, tasksUnderTest } from './tasks-under-test.ts';

const DAY_MS = 24 * 60 * 60_000;
const NAME = 'user.ada.fit';

function refusal(run: () => unknown): { code: string; message: string } {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return { code: error.code, message: error.message };
  }
  assert.fail('it was not refused');
}

describe('a task', () => {
  it('is tested by its first job alone, then runs, then is done', async (test) => {
    const { orders, byAda, engine, turn, stateOf, jobs, mails } = tasksUnderTest(test);
    orders.create(byAda, newTask());
    assert.equal(stateOf(), 'registered');
    assert.deepEqual(jobs(), { registered: 4 });
    await turn();
    assert.equal(stateOf(), 'testing');
    assert.deepEqual(jobs(), { assigned: 1, registered: 3 });
    engine.put('1-1', [0], 'running');
    await turn();
    assert.deepEqual(jobs(), { testing: 1, registered: 3 });
    engine.put('1-1', [0], 'done');
    await turn();
    assert.equal(stateOf(), 'running');
    assert.deepEqual(jobs(), { assigned: 3, done: 1 });
    engine.put('1-1', [1, 2], 'running');
    await turn();
    assert.deepEqual(jobs(), { assigned: 1, running: 2, done: 1 });
    engine.put('1-1', [1, 2, 3], 'done');
    await turn();
    assert.equal(stateOf(), 'done');
    assert.deepEqual(jobs(), { done: 4 });
    assert.deepEqual(mails(), ['ada@lab.example user.ada.fit: done']);
    assert.deepEqual(engine.calls, ['make 1-1']);
  });

  it('gives the engine its command with all but the files of its jobs in it', async (test) => {
    const { orders, byAda, engine, turn } = tasksUnderTest(test);
    const secondary = { REF: 'user.ada.configs' };
    orders.create(byAda, newTask({ secondary, exec: 'x %DATA %REF %IN %OUT' }));
    await turn();
    const [plan] = engine.plans;
    assert.equal(
      plan!.command,
      'x /volume/ada/user.ada.data/events.h5 /volume/ada/user.ada.configs/a.json %IN %OUT',
    );
    assert.deepEqual(plan!.jobs[1], { number: 1, input: 'ada/user.ada.configs/b.json' });
    assert.deepEqual([plan!.owner, plan!.name, plan!.image, plan!.canaries], ['ada', NAME, 'busybox', 1]);
  });

  it('is broken with all of its jobs where a canary fails', async (test) => {
    const { orders, byAda, engine, turn, stateOf, jobs, mails, cluster } = tasksUnderTest(test);
    orders.create(byAda, newTask({ canaries: 2 }));
    await turn();
    engine.put('1-1', [0], 'done');
    engine.put('1-1', [1], 'failed');
    engine.put('1-1', [2, 3], 'failed');
    await turn();
    assert.equal(stateOf(), 'broken');
    assert.deepEqual(jobs(), { broken: 4 });
    assert.deepEqual(mails(), ['ada@lab.example user.ada.fit: broken']);
    assert.match(taskByName(cluster.store, NAME)!.reason, /test of job_configId_1 has failed/);
  });

  it('skips the test where it has no canaries, and ends within a turn where all jobs are canaries', async (test) => {
    const { orders, byAda, engine, turn, stateOf, jobs } = tasksUnderTest(test);
    orders.create(byAda, newTask({ canaries: 0 }));
    orders.create(byAda, newTask({ name: 'user.ada.all', canaries: 100 }));
    await turn();
    assert.equal(stateOf(), 'running');
    assert.deepEqual(jobs(), { assigned: 4 });
    engine.put('2-1', [0, 1, 2, 3], 'done');
    await turn();
    assert.equal(stateOf('user.ada.all'), 'done');
  });

  it('is finalized where some jobs have failed; a retry runs these again', async (test) => {
    const { orders, byAda, engine, turn, stateOf, jobs } = tasksUnderTest(test);
    orders.create(byAda, newTask());
    await turn();
    engine.put('1-1', [0, 1, 2], 'done');
    engine.put('1-1', [3], 'failed');
    await turn();
    assert.equal(stateOf(), 'finalized');
    assert.deepEqual(jobs(), { done: 3, failed: 1 });
    orders.retry(byAda, NAME);
    assert.equal(stateOf(), 'running');
    assert.deepEqual(jobs(), { assigned: 1, done: 3 });
    await turn();
    await turn();
    assert.equal(stateOf(), 'running', 'what was seen before the retry does not end it');
    assert.deepEqual(engine.calls, ['make 1-1', 'retry 1-1']);
    engine.put('1-1', [3], 'running');
    engine.put('1-1', [3], 'done');
    await turn();
    assert.equal(stateOf(), 'done');
  });

  it('starts over with a study of its own where it was broken or killed', async (test) => {
    const { orders, byAda, engine, turn, stateOf, jobs } = tasksUnderTest(test);
    orders.create(byAda, newTask());
    await turn();
    engine.put('1-1', [0], 'failed');
    await turn();
    orders.retry(byAda, NAME);
    assert.equal(stateOf(), 'registered');
    assert.deepEqual(jobs(), { registered: 4 });
    await turn();
    assert.equal(stateOf(), 'testing');
    assert.deepEqual(engine.calls.sort(), ['make 1-1', 'make 1-2', 'remove 1-1']);
    engine.put('1-2', [0], 'done');
    await turn();
    assert.equal(stateOf(), 'running');
  });

  it('is killed from registered, testing and running', async (test) => {
    const { orders, byAda, engine, turn, stateOf, jobs, mails } = tasksUnderTest(test);
    orders.create(byAda, newTask());
    orders.kill(byAda, NAME);
    assert.equal(stateOf(), 'kill');
    await turn();
    assert.equal(stateOf(), 'killed');
    assert.deepEqual(jobs(), { killed: 4 });
    assert.equal(engine.calls.length, 0);
    assert.deepEqual(mails(), ['ada@lab.example user.ada.fit: killed']);
    for (const isRunning of [false, true]) {
      orders.retry(byAda, NAME);
      await turn();
      const run = isRunning ? '1-3' : '1-2';
      if (isRunning) {
        engine.put(run, [0], 'done');
        engine.put(run, [1], 'running');
      } else engine.put(run, [0], 'running');
      await turn();
      orders.kill(byAda, NAME);
      assert.equal(orders.kill(byAda, NAME).state, 'kill', 'a second kill changes nothing');
      await turn();
      assert.equal(stateOf(), 'kill', 'until the engine says that nothing runs any more');
      assert.ok(engine.calls.includes(`kill ${run}`));
      engine.put(run, isRunning ? [1, 2, 3] : [0, 1, 2, 3], 'cancelled');
      await turn();
      assert.equal(stateOf(), 'killed');
      assert.deepEqual(jobs(), isRunning ? { done: 1, killed: 3 } : { killed: 4 });
    }
  });

  it('keeps the truth about jobs that ended while they were to be killed', async (test) => {
    const { orders, byAda, engine, turn, stateOf, jobs } = tasksUnderTest(test);
    orders.create(byAda, newTask({ canaries: 0 }));
    await turn();
    orders.kill(byAda, NAME);
    engine.put('1-1', [0], 'done');
    engine.put('1-1', [1], 'failed');
    engine.put('1-1', [2, 3], 'cancelled');
    await turn();
    assert.equal(stateOf(), 'killed');
    assert.deepEqual(jobs(), { done: 1, failed: 1, killed: 2 });
  });

  it('has a defined answer to every order in every state', async (test) => {
    const { orders, byAda, engine, turn, cluster } = tasksUnderTest(test);
    const answers: Record<string, readonly [string, string, string]> = {};
    const answer = (order: () => { readonly state: string } | undefined): string => {
      const savepoint = cluster.store.transaction(() => {
        const task = order();
        throw new Error(task?.state ?? 'gone');
      });
      try {
        savepoint();
      } catch (error) {
        return error instanceof Refusal ? error.code : (error as Error).message;
      }
      return assert.fail();
    };
    const look = (): void => {
      answers[taskByName(cluster.store, NAME)!.state] = [
        answer(() => orders.kill(byAda, NAME)),
        answer(() => orders.retry(byAda, NAME)),
        answer(() => {
          orders.delete(byAda, NAME);
          return undefined;
        }),
      ];
    };
    orders.create(byAda, newTask());
    look();
    await turn();
    look();
    engine.put('1-1', [0], 'done');
    await turn();
    look();
    orders.kill(byAda, NAME);
    look();
    engine.put('1-1', [1, 2, 3], 'cancelled');
    await turn();
    look();
    orders.retry(byAda, NAME);
    await turn();
    engine.put('1-2', [0], 'failed');
    await turn();
    look();
    orders.retry(byAda, NAME);
    await turn();
    engine.put('1-3', [0, 1, 2], 'done');
    engine.put('1-3', [3], 'failed');
    await turn();
    look();
    orders.retry(byAda, NAME);
    await turn();
    engine.put('1-3', [3], 'done');
    await turn();
    look();
    assert.deepEqual(answers, {
      registered: ['kill', 'wrong-state', 'wrong-state'],
      testing: ['kill', 'wrong-state', 'wrong-state'],
      running: ['kill', 'wrong-state', 'wrong-state'],
      kill: ['kill', 'wrong-state', 'wrong-state'],
      killed: ['wrong-state', 'registered', 'gone'],
      broken: ['wrong-state', 'registered', 'gone'],
      finalized: ['wrong-state', 'running', 'gone'],
      done: ['wrong-state', 'wrong-state', 'gone'],
    });
  });

  it('is deleted with its outputs and its study, and its name is free again', async (test) => {
    const { orders, byAda, engine, turn, stateOf, cluster } = tasksUnderTest(test);
    orders.create(byAda, newTask({ canaries: 0 }));
    await turn();
    engine.put('1-1', [0, 1, 2, 3], 'done');
    await turn();
    orders.delete(byAda, NAME);
    assert.equal(stateOf(), undefined);
    await turn();
    assert.ok(engine.calls.includes('remove 1-1'));
    assert.equal(cluster.store.prepare('SELECT count(*) AS n FROM dataset').pluck().get(), 2);
    orders.create(byAda, newTask());
    await turn();
    assert.ok(engine.calls.includes('make 2-1'), 'an id is never given twice');
  });

  it('is not deleted while another one uses its outputs', async (test) => {
    const { orders, byAda, engine, turn, cluster } = tasksUnderTest(test);
    orders.create(byAda, newTask({ canaries: 0 }));
    await turn();
    engine.put('1-1', [0, 1, 2, 3], 'done');
    await turn();
    cluster.store.prepare(`UPDATE task SET data_dataset = 'x'`).run();
    orders.create(byAda, newTask({ name: 'user.ada.next', secondary: {} }));
    cluster.store.prepare(`UPDATE task SET data_dataset = ? WHERE name = 'user.ada.next'`).run(NAME);
    assert.deepEqual(
      refusal(() => orders.delete(byAda, NAME)),
      {
        code: 'in-use',
        message: 'user.ada.next uses the outputs of user.ada.fit',
      },
    );
  });

  it('cannot be retried when a dataset of it has been deleted', async (test) => {
    const { orders, byAda, turn, cluster } = tasksUnderTest(test);
    orders.create(byAda, newTask());
    orders.kill(byAda, NAME);
    await turn();
    cluster.store.prepare(`DELETE FROM dataset WHERE name = 'user.ada.data'`).run();
    assert.match(refusal(() => orders.retry(byAda, NAME)).message, /user\.ada\.data .* has been deleted/);
  });

  it('is announced its removal twice, and then removed with its outputs', async (test) => {
    const { orders, byAda, engine, turn, stateOf, mails, clock } = tasksUnderTest(test);
    orders.create(byAda, newTask({ canaries: 0 }));
    await turn();
    engine.put('1-1', [0, 1, 2, 3], 'done');
    await turn();
    await clock.advance(4.9 * DAY_MS);
    assert.equal(stateOf(), 'done');
    await clock.advance(0.2 * DAY_MS);
    assert.equal(stateOf(), 'to_be_removed');
    await clock.advance(4 * DAY_MS);
    assert.equal(stateOf(), 'to_be_removed_soon');
    await clock.advance(1.1 * DAY_MS);
    assert.equal(stateOf(), undefined);
    assert.ok(engine.calls.includes('remove 1-1'));
    assert.deepEqual(
      mails().map((mail) => mail.split(': ')[1]),
      ['done', 'to_be_removed', 'to_be_removed_soon'],
    );
  });

  it('is announced its removal for as long, however long the server was away', async (test) => {
    const { orders, byAda, turn, stateOf, clock, crash } = tasksUnderTest(test);
    orders.create(byAda, newTask());
    orders.kill(byAda, NAME);
    await turn();
    clock.jump(300 * DAY_MS);
    crash();
    assert.equal(stateOf(), 'to_be_removed');
    await clock.advance(3.9 * DAY_MS);
    assert.equal(stateOf(), 'to_be_removed');
    await clock.advance(0.2 * DAY_MS);
    assert.equal(stateOf(), 'to_be_removed_soon');
  });

  it('is taken out of its removal by a retry, which remembers what it had ended as', async (test) => {
    const { orders, byAda, engine, turn, stateOf, jobs, clock } = tasksUnderTest(test);
    orders.create(byAda, newTask({ canaries: 0 }));
    orders.create(byAda, newTask({ name: 'user.ada.some', canaries: 0 }));
    orders.create(byAda, newTask({ name: 'user.ada.broken' }));
    await turn();
    engine.put('1-1', [0, 1, 2, 3], 'done');
    engine.put('2-1', [0, 1], 'done');
    engine.put('2-1', [2, 3], 'failed');
    engine.put('3-1', [0], 'failed');
    await turn();
    await clock.advance(9.5 * DAY_MS);
    const names = [NAME, 'user.ada.some', 'user.ada.broken'];
    assert.deepEqual(names.map(stateOf), Array(3).fill('to_be_removed_soon'));
    for (const name of names) orders.retry(byAda, name);
    assert.deepEqual(names.map(stateOf), ['done', 'running', 'registered']);
    assert.deepEqual(jobs('user.ada.some'), { assigned: 2, done: 2 });
    await clock.advance(4.9 * DAY_MS);
    assert.equal(stateOf(), 'done');
    await clock.advance(0.2 * DAY_MS);
    assert.equal(stateOf(), 'to_be_removed', 'and its time begins anew');
  });

  it('tries to make its study again, a bounded number of times, before it is broken', async (test) => {
    const { orders, byAda, engine, turn, stateOf, clock, cluster } = tasksUnderTest(test);
    engine.failures.push(new Error('no space left'), new Error('no space left'));
    orders.create(byAda, newTask());
    await turn();
    assert.equal(stateOf(), 'registered');
    await clock.advance(10_000);
    assert.equal(stateOf(), 'testing');
    engine.failures.push(...Array.from({ length: 20 }, () => new Error('no space left')));
    orders.create(byAda, newTask({ name: 'user.ada.never' }));
    await clock.advance(DAY_MS / 24);
    assert.equal(stateOf('user.ada.never'), 'broken');
    assert.match(taskByName(cluster.store, 'user.ada.never')!.reason, /no space left/);
  });

  it('is broken at once where no runtime can run it, and where its queue is gone', async (test) => {
    const { orders, byAda, engine, turn, stateOf, cluster, crash } = tasksUnderTest(test);
    engine.failures.push(new Refusal('unprocessable', 'there is no image busybox'));
    orders.create(byAda, newTask());
    await turn();
    assert.equal(stateOf(), 'broken');
    assert.equal(taskByName(cluster.store, NAME)!.reason, 'there is no image busybox');
    orders.create(byAda, newTask({ name: 'user.ada.lost', queue: 'nvidia' }));
    cluster.config.queues.splice(2, 1);
    crash();
    await turn();
    assert.equal(stateOf('user.ada.lost'), 'broken');
  });

  it('goes on where it was when the server dies at any moment', async (test) => {
    const { orders, byAda, engine, turn, stateOf, jobs, mails, crash } = tasksUnderTest(test);
    orders.create(byAda, newTask());
    crash();
    await turn();
    assert.equal(stateOf(), 'testing');
    engine.put('1-1', [0], 'done');
    engine.put('1-1', [1, 2], 'done');
    engine.put('1-1', [3], 'failed');
    crash();
    await turn();
    assert.equal(stateOf(), 'finalized');
    orders.retry(byAda, NAME);
    crash();
    await turn();
    assert.ok(engine.calls.includes('retry 1-1'));
    orders.kill(byAda, NAME);
    crash();
    await turn();
    assert.ok(engine.calls.includes('kill 1-1'));
    engine.put('1-1', [3], 'cancelled');
    crash();
    await turn();
    assert.equal(stateOf(), 'killed');
    assert.deepEqual(jobs(), { done: 3, killed: 1 });
    assert.equal(mails().length, 2);
  });

  it('counts what it is told once, whatever the order of kills, retries and news', async (test) => {
    const { orders, byAda, engine, turn, stateOf } = tasksUnderTest(test);
    orders.create(byAda, newTask());
    orders.kill(byAda, NAME);
    await turn();
    orders.retry(byAda, NAME);
    orders.kill(byAda, NAME);
    await turn();
    assert.equal(stateOf(), 'killed');
    assert.deepEqual(
      engine.calls.filter((call) => call.startsWith('make')),
      [],
    );
  });
});
