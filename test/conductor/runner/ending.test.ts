import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { findAttempts } from '../../../src/shared/process-identity.ts';
import { RUNNERS, setScene } from './scene.ts';

/** A grace that no test outlives: what ends, ends for another reason. */
const LONG_MS = 3_600_000;

/** Tokens that are looked for in the whole process table. */
const own = (name: string): string => `${name}.${process.pid}`;

for (const { kind, skip } of RUNNERS) {
  describe(`the ${kind} runner at a step's walltime`, { skip }, () => {
    it('ends the step', async (context) => {
      const { run, order } = setScene(context, { kind });
      const ended = await run(order('a', 'exec sleep 1000', { walltimeMs: 50, graceMs: LONG_MS }));
      assert.deepEqual([ended.exit, ended.reason], [{ signal: 15 }, 'walltime']);
    });

    it('lets a step that has ended in time alone', async (context) => {
      const { run, order } = setScene(context, { kind });
      const ended = await run(order('a', 'exit 4', { walltimeMs: LONG_MS }));
      assert.deepEqual([ended.exit, ended.reason], [{ code: 4 }, 'none']);
    });

    it('records how a step ends that handles SIGTERM', async (context) => {
      const { run, order, directory } = setScene(context, { kind });
      const handles = `trap 'exit 7' TERM; : > ready; while :; do sleep 1000 & wait; done`;
      const ended = await run(order('a', handles, { walltimeMs: 500, graceMs: LONG_MS }));
      assert.equal(ended.reason, 'walltime');
      if (existsSync(join(directory, 'a', 'ready'))) assert.deepEqual(ended.exit, { code: 7 });
      else context.diagnostic('too slow a machine: the walltime came before the trap was set');
    });

    it('kills, after the grace, all of a process group that ignores SIGTERM', async (context) => {
      const { run, order, directory } = setScene(context, { kind });
      const stubborn = `trap '' TERM; (while :; do sleep 1000; done) & : > ready; while :; do sleep 1000; done`;
      const ended = await run(order(own('stubborn'), stubborn, { walltimeMs: 500, graceMs: 50 }));
      assert.equal(ended.reason, 'walltime');
      assert.equal(findAttempts().get(own('stubborn')), undefined);
      if (existsSync(join(directory, own('stubborn'), 'ready'))) assert.deepEqual(ended.exit, { signal: 9 });
      else context.diagnostic('too slow a machine: the walltime came before the trap was set');
    });

    it('kills at once where there is no grace', async (context) => {
      const { run, order, runner, hear, gate } = setScene(context, { kind });
      const ready = gate('ready');
      const stubborn = `trap '' TERM; echo ready > ${ready.path}; while :; do sleep 1000; done`;
      runner.start([order('a', stubborn)]);
      await ready.heard();
      runner.cancel('a', 0);
      assert.deepEqual((await hear('ended', 'a')).exit, { signal: 9 });
      assert.deepEqual((await run(order('b', 'exit 0'))).exit, { code: 0 });
    });
  });

  describe(`the ${kind} runner, told to cancel`, { skip }, () => {
    it('ends a step that runs', async (context) => {
      const { runner, order, hear } = setScene(context, { kind });
      runner.start([order('a', 'exec sleep 1000')]);
      await hear('started', 'a');
      runner.cancel('a', LONG_MS);
      const { exit, reason } = await hear('ended', 'a');
      assert.deepEqual([exit, reason], [{ signal: 15 }, 'cancelled']);
    });

    it('ends or drops a step that it was told to start a moment ago', async (context) => {
      const { runner, order, run, told } = setScene(context, { kind, cores: 1 });
      runner.start([order('a', 'exec sleep 1000')]);
      runner.cancel('a', LONG_MS);
      await run(order('b', 'exit 0'));
      const last = told.findLast((record) => 'token' in record && record.token === 'a');
      assert.ok(last?.kind === 'dropped' || (last?.kind === 'ended' && last.reason === 'cancelled'));
    });

    it('ends a step that is stopped', async (context) => {
      const { runner, order, hear } = setScene(context, { kind });
      runner.start([order('a', 'kill -STOP $$; exit 1')]);
      await hear('started', 'a');
      runner.cancel('a', LONG_MS);
      const { exit, reason } = await hear('ended', 'a');
      assert.deepEqual([exit, reason], [{ signal: 15 }, 'cancelled']);
    });

    it('drops a step that waits, and no other', async (context) => {
      const { runner, order, hear, gate, told } = setScene(context, { kind, cores: 1 });
      const go = gate('go');
      runner.start([
        order('a', `cat ${go.path}`),
        order('b', 'true'),
        order('c', 'true'),
        order('d', 'true'),
      ]);
      await hear('started', 'a');
      runner.cancel('d', LONG_MS);
      runner.cancel('b', LONG_MS);
      await hear('dropped', 'b');
      await hear('dropped', 'd');
      await go.open();
      await hear('ended', 'c');
      const started = told.filter((record) => record.kind === 'started').map(({ token }) => token);
      assert.deepEqual(started, ['a', 'c']);
    });

    it('goes on where there is nothing to cancel', async (context) => {
      const { runner, order, run } = setScene(context, { kind });
      await run(order('a', 'true'));
      runner.cancel('a', LONG_MS);
      runner.cancel('never-heard-of', LONG_MS);
      assert.deepEqual((await run(order('b', 'exit 2'))).exit, { code: 2 });
    });

    it('gives the whole group its grace, though the shell that leads it dies at once', async (context) => {
      const { runner, order, hear, gate, directory, told } = setScene(context, { kind });
      const ready = gate('ready');
      const saving = gate('saving');
      const simulation = `(trap 'read -r x < ${saving.path}; echo done > checkpoint; exit' TERM
        sleep 1000 & echo ready > ${ready.path}; wait) & wait`;
      runner.start([order('a', simulation)]);
      await ready.heard();
      runner.cancel('a', LONG_MS);
      // The simulation reads only in its handler: it has had SIGTERM, and has not been killed.
      await saving.open();
      const { exit, reason } = await hear('ended', 'a');
      assert.deepEqual([exit, reason], [{ signal: 15 }, 'cancelled']);
      assert.ok(existsSync(join(directory, 'a', 'checkpoint')));
      assert.equal(told.filter((record) => record.kind === 'ended').length, 1);
    });

    it('kills what is left of a group after the grace, its leader long gone', async (context) => {
      const { runner, order, hear, gate } = setScene(context, { kind });
      const ready = gate('ready');
      const token = own('left-over');
      const body = `(trap '' TERM; echo ready > ${ready.path}; while :; do sleep 1000; done) & wait`;
      runner.start([order(token, body)]);
      await ready.heard();
      runner.cancel(token, 100);
      const { exit } = await hear('ended', token);
      assert.deepEqual(exit, { signal: 15 });
      assert.equal(findAttempts().get(token), undefined);
    });

    it('shortens a grace that is running', async (context) => {
      const { runner, order, hear, gate } = setScene(context, { kind });
      const ready = gate('ready');
      const told = gate('told');
      const stubborn = `trap 'echo term > ${told.path}' TERM; echo ready > ${ready.path}
        while :; do sleep 1000 & wait; done`;
      runner.start([order('a', stubborn)]);
      await ready.heard();
      runner.cancel('a', LONG_MS);
      await told.heard();
      runner.cancel('a', 0);
      const { exit, reason } = await hear('ended', 'a');
      assert.deepEqual([exit, reason], [{ signal: 9 }, 'cancelled']);
    });
  });
}
