import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { encodeStart } from '../../../src/conductor/runner/commands.ts';
import { parseRecords } from '../../../src/conductor/runner/records.ts';
import { readRecords } from '../../../src/conductor/runner/records-file.ts';
import { type RunnerKind, startRunner } from '../../../src/conductor/runner/runner.ts';
import { awaitRecord, outputs, RUNNERS, setScene } from './scene.ts';

const PROJECT = new URL('../../../', import.meta.url);

/** How a runner is called by hand, without its client. */
const PROGRAMS: Readonly<Record<RunnerKind, string>> = {
  native: fileURLToPath(new URL('build/Release/maestro-runner', PROJECT)),
  shell: fileURLToPath(new URL('native/runner.sh', PROJECT)),
};

/** Mounts a file system of 64 KiB; undefined where that is not allowed. */
function mountTinyDisk(context: TestContext): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-tiny-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    rmSync(directory, { recursive: true });
    return undefined;
  }
  context.after(() => {
    execFileSync('umount', ['-l', directory]);
    rmSync(directory, { recursive: true });
  });
  return directory;
}

/** Fills a disk to its last byte. */
function fill(file: string): void {
  const piece = Buffer.alloc(4096, 'x');
  assert.throws(
    () => {
      for (;;) writeFileSync(file, piece, { flag: 'a' });
    },
    { code: 'ENOSPC' },
  );
}

for (const { kind, skip } of RUNNERS) {
  describe(`the ${kind} runner`, { skip }, () => {
    it('keeps its records while the disk is full, and writes them when it is not', async (context) => {
      const disk = mountTinyDisk(context);
      if (disk === undefined)
        return context.skip('only root may mount a disk that is small enough to be filled');
      const recordsFile = join(disk, 'records');
      const { run, order, told, runner, exit } = setScene(context, { kind, recordsFile });
      await run(order('before', 'true'));
      await awaitRecord(recordsFile, (record) => record.kind === 'ended');
      // So many records that the page which the file has already cannot hold them.
      fill(join(disk, 'filler'));
      const tokens = Array.from({ length: 40 }, (_, i) => `t${i}-${'x'.repeat(150)}`);
      runner.start(tokens.map((token) => order(token, 'true')));
      await run(order('last', 'exit 5'));
      const { records: written } = readRecords(recordsFile, 0);
      assert.ok(!written.some((record) => record.kind === 'ended' && record.token === 'last'));
      rmSync(join(disk, 'filler'));
      const last = await awaitRecord(
        recordsFile,
        (record) => record.kind === 'ended' && record.token === 'last',
      );
      assert.deepEqual(last.kind === 'ended' && last.exit, { code: 5 });
      runner.close();
      assert.equal((await exit).code, 0);
      assert.deepEqual(readRecords(recordsFile, 0).records, told);
    });

    it('ends a line that another runner was cut off in', async (context) => {
      const directory = mkdtempSync(join(tmpdir(), 'maestro-runner-'));
      context.after(() => rmSync(directory, { recursive: true }));
      const recordsFile = join(directory, 'records');
      const before = 'dropped a 1795000000000\nended b 1795000000001 exit 0 1 2 3';
      writeFileSync(recordsFile, before);
      const { run, order, read } = setScene(context, { kind, recordsFile });
      await run(order('c', 'true'));
      await read((record) => record.kind === 'ended');
      assert.ok(readFileSync(recordsFile, 'utf8').startsWith(`${before}\nrunner `));
      assert.deepEqual(
        readRecords(recordsFile, 0).records.map(({ kind: what }) => what),
        ['dropped', 'runner', 'started', 'ended'],
      );
    });

    it('says why it cannot have its file', async (context) => {
      const { directory } = setScene(context, { kind });
      const runner = startRunner({
        kind,
        recordsFile: join(directory, 'no', 'records'),
        cores: 1,
        inFlight: 0,
      });
      const [code, said] = await new Promise<[number | null, string]>((resolve) => {
        runner.onExit((exitCode, _, words) => resolve([exitCode, words]));
      });
      assert.equal(code, 1);
      assert.match(said, /no\/records: No such file or directory/);
    });

    it('reads nothing more after what is no command, and still records what runs', async (context) => {
      const { directory, order } = setScene(context, { kind });
      const file = join(directory, 'by-hand');
      const child = spawn(PROGRAMS[kind], [file, '1', '0'], {
        detached: true,
        stdio: ['pipe', 'ignore', 'pipe'],
      });
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      child.stdin.on('error', () => undefined);
      const orders = [order('a', 'exit 3'), order('b', 'exit 4')].map(encodeStart);
      child.stdin.write(orders[0]);
      await awaitRecord(file, (record) => record.kind === 'started');
      child.stdin.write(`nonsense\0${orders[1]}`);
      const [code] = await once(child, 'close');
      assert.equal(code, 1);
      assert.match(said, /unknown command/);
      const { records } = readRecords(file, 0);
      assert.deepEqual(records.map(({ kind: what }) => what).sort(), [
        'closing',
        'ended',
        'runner',
        'started',
      ]);
    });

    it('takes no part of a command for a command', async (context) => {
      const { directory, order } = setScene(context, { kind });
      const file = join(directory, 'by-hand');
      const child = spawn(PROGRAMS[kind], [file, '1', '0'], {
        detached: true,
        stdio: ['pipe', 'ignore', 'inherit'],
      });
      child.stdin.end(encodeStart(order('a', 'true')).slice(0, -1));
      const [code] = await once(child, 'close');
      assert.equal(code, 0);
      assert.deepEqual(
        readRecords(file, 0).records.map(({ kind: what }) => what),
        ['runner', 'closing'],
      );
    });

    it('understands commands that arrive a few bytes at a time', async (context) => {
      const { directory, order } = setScene(context, { kind });
      const file = join(directory, 'by-hand');
      const child = spawn(PROGRAMS[kind], [file, '1', '0'], {
        detached: true,
        stdio: ['pipe', 'ignore', 'inherit'],
      });
      const bytes = Buffer.from(encodeStart(order('a', 'exit 3')) + encodeStart(order('b', 'exit 4')));
      for (let i = 0; i < bytes.length; i += 7) {
        await new Promise<unknown>((resolve) => child.stdin.write(bytes.subarray(i, i + 7), resolve));
      }
      await awaitRecord(file, (record) => record.kind === 'ended' && record.token === 'b');
      child.stdin.end();
      await once(child, 'close');
    });

    it('refuses arguments that make no sense', async () => {
      for (const words of [[], ['x'], ['x', '-1', '0'], ['x', '1', 'many'], ['x', '1', '0', '0']]) {
        const child = spawn(PROGRAMS[kind], words, { stdio: 'ignore' });
        assert.deepEqual(await once(child, 'close'), [1, null]);
      }
    });
  });
}

const native = RUNNERS.find(({ kind }) => kind === 'native')!;

describe('the native runner', { skip: native.skip }, () => {
  it('is not held up by a conductor that does not read', async (context) => {
    const { directory, order } = setScene(context);
    const file = join(directory, 'by-hand');
    const child = spawn(PROGRAMS.native, [file, '2', '0'], {
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const nowhere = { ...order('a', 'true'), directory: join(directory, 'none') };
    const tokens = Array.from({ length: 8000 }, (_, i) => `t${i}-${'x'.repeat(150)}`);
    child.stdin.write(tokens.map((token) => encodeStart({ ...nowhere, token })).join(''));
    // Two megabytes of records: far more than a pipe holds.
    const token = tokens.at(-1);
    await awaitRecord(file, (record) => record.kind === 'failed' && record.token === token);
    child.stdin.end();
    const told: Buffer[] = [];
    for await (const chunk of child.stdout) told.push(chunk as Buffer);
    assert.deepEqual(parseRecords(Buffer.concat(told)).records, readRecords(file, 0).records);
    assert.equal(parseRecords(Buffer.concat(told)).records.length, tokens.length + 2);
  });

  it('starts a script once it is no longer open for writing, and gives up in the end', async (context) => {
    const { run, order, runner, hear, directory } = setScene(context);
    const written = order('written', 'true');
    const busy = openSync(written.script, 'r+');
    assert.ok(fstatSync(busy).size > 0);
    runner.start([written]);
    const { errno, stage } = await hear('failed', 'written');
    assert.deepEqual([errno, stage], ['ETXTBSY', 'script']);
    assert.deepEqual(outputs(join(directory, 'written')), []);
    runner.start([{ ...written, token: 'again' }]);
    closeSync(busy);
    assert.deepEqual((await hear('ended', 'again')).exit, { code: 0 });
    assert.deepEqual((await run(order('next', 'true'))).exit, { code: 0 });
  });

  it('appends to output that an attempt with the same pid has left', async (context) => {
    const { directory, order } = setScene(context);
    // In a namespace of its own, the runner's first step has the same pid each time.
    const unshare = [
      '--pid',
      '--fork',
      '--mount-proc',
      PROGRAMS.native,
      join(directory, 'by-hand'),
      '1',
      '0',
    ];
    mkdirSync(join(directory, 'out'));
    const again = { ...order('a', 'echo "once more"'), directory: join(directory, 'out') };
    for (let attempt = 0; attempt < 2; attempt++) {
      const child = spawn('unshare', unshare, { stdio: ['pipe', 'ignore', 'ignore'] });
      child.stdin.on('error', () => undefined);
      child.stdin.end(encodeStart(again));
      const [code] = await once(child, 'close');
      if (code !== 0) return context.skip('pid namespaces are not allowed here');
    }
    const [, out, ...others] = outputs(join(directory, 'out'));
    assert.deepEqual(others, []);
    assert.equal(readFileSync(join(directory, 'out', out!), 'utf8'), 'once more\nonce more\n');
  });
});
