import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { StartOrder } from '../../../src/conductor/runner/commands.ts';
import { readRecords } from '../../../src/conductor/runner/records-file.ts';
import type { RunnerKind } from '../../../src/conductor/runner/runner.ts';
import { RUNNERS, type Scene, setScene } from './scene.ts';

const STAND_IN = fileURLToPath(new URL('conductor-stand-in.ts', import.meta.url));

/** A conductor in a process of its own, which can be killed. Its runner is not that of the scene. */
interface StandIn {
  readonly process: ChildProcess;
  readonly recordsFile: string;
  readonly runnerPid: number;
  /** Waits until it has heard of so many ends. */
  heard(count: number): Promise<void>;
}

async function standIn(
  context: TestContext,
  scene: Scene,
  kind: RunnerKind,
  orders: StartOrder[],
): Promise<StandIn> {
  const recordsFile = join(scene.directory, 'stand-in.records');
  const options = { kind, recordsFile, cores: 2, inFlight: 0 };
  const settings = [JSON.stringify(options), JSON.stringify(orders)];
  const child = spawn(process.execPath, ['--import', 'tsx', STAND_IN, ...settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const runnerPid = Number((await lines.next()).value?.split(' ')[1]);
  let ends = 0;
  const heard = async (count: number): Promise<void> => {
    for (; ends < count; ends++) assert.ok(!(await lines.next()).done, `only ${ends} ends`);
  };
  return { process: child, recordsFile, runnerPid, heard };
}

async function killed({ process: child }: StandIn): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

for (const { kind, skip } of RUNNERS) {
  describe(`the ${kind} runner, left alone`, { skip }, () => {
    it('starts nothing more, but records how what runs ends', async (context) => {
      const { runner, order, hear, gate, told, exit, recordsFile } = setScene(context, { kind, cores: 1 });
      const go = gate('go');
      runner.start([order('a', `cat ${go.path}; exit 6`), order('b', 'true'), order('c', 'true')]);
      await hear('started', 'a');
      runner.close();
      await hear('dropped', 'b');
      await hear('dropped', 'c');
      assert.ok(told.some((record) => record.kind === 'closing'));
      await go.open();
      assert.deepEqual((await hear('ended', 'a')).exit, { code: 6 });
      assert.deepEqual(await exit, { code: 0, signal: null, said: '' });
      assert.deepEqual(readRecords(recordsFile, 0).records, told);
    });

    it('keeps the walltime of what runs', async (context) => {
      const { runner, order, hear } = setScene(context, { kind });
      runner.start([order('a', 'exec sleep 1000', { walltimeMs: 300 })]);
      await hear('started', 'a');
      runner.close();
      assert.equal((await hear('ended', 'a')).reason, 'walltime');
    });

    it('outlives what would end another process', async (context) => {
      const { runner, order, hear, gate } = setScene(context, { kind });
      const go = gate('go');
      runner.start([order('a', `cat ${go.path}`)]);
      await hear('started', 'a');
      for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGPIPE'] as const)
        process.kill(runner.pid!, signal);
      runner.start([order('b', 'true')]);
      await hear('ended', 'b');
      await go.open();
      assert.deepEqual((await hear('ended', 'a')).exit, { code: 0 });
    });

    it('records what it was running when its conductor was killed', async (context) => {
      const scene = setScene(context, { kind });
      const go = scene.gate('go');
      const conductor = await standIn(context, scene, kind, [
        scene.order('a', `cat ${go.path}; exit 8`),
        scene.order('b', 'exit 1'),
      ]);
      await conductor.heard(1);
      await killed(conductor);
      await go.open();
      const ended = await scene.read(
        (record) => record.kind === 'ended' && record.token === 'a',
        conductor.recordsFile,
      );
      assert.deepEqual(ended.kind === 'ended' && ended.exit, { code: 8 });
    });

    it('forgets no step and runs none twice, whenever its conductor is killed', async (context) => {
      const scene = setScene(context, { kind });
      const log = join(scene.directory, 'log');
      const tokens = Array.from({ length: 60 }, (_, i) => `t${i}`);
      const orders = tokens.map((token) => scene.order(token, `echo ${token} >> ${log}`));
      const conductor = await standIn(context, scene, kind, orders);
      await conductor.heard(7);
      await killed(conductor);
      await scene.read(({ kind: what }) => what === 'closing', conductor.recordsFile);
      const running = (): Set<string> => {
        const { records } = readRecords(conductor.recordsFile, 0);
        const left = new Set(tokens);
        for (const record of records) {
          if (record.kind === 'ended' || record.kind === 'dropped') assert.ok(left.delete(record.token));
        }
        return left;
      };
      await scene.read(() => running().size === 0, conductor.recordsFile);
      const { records } = readRecords(conductor.recordsFile, 0);
      const ended = records.flatMap((record) => (record.kind === 'ended' ? [record.token] : []));
      assert.ok(ended.length >= 7);
      assert.deepEqual(readFileSync(log, 'utf8').trim().split('\n').sort(), ended.sort());
    });
  });
}
