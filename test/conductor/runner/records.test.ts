import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  encodeCancel,
  encodeCapacity,
  encodeStart,
  type StartOrder,
} from '../../../src/conductor/runner/commands.ts';
import { createRecordReader, parseRecord, parseRecords } from '../../../src/conductor/runner/records.ts';
import { readRecords } from '../../../src/conductor/runner/records-file.ts';

const at = 1795000000000;
const token = 'abc.1.1';
const usage = { userMs: 1, systemMs: 2, maxRssKib: 3 };

/** Every kind of line, and what it means. */
const LINES: Readonly<Record<string, object>> = {
  [`runner 12 345 boot-id ${at}`]: { kind: 'runner', pid: 12, startTicks: '345', bootId: 'boot-id', at },
  [`started ${token} 77 ${at}`]: { kind: 'started', token, pid: 77, at },
  [`ended ${token} ${at} exit 0 1 2 3 -`]: {
    kind: 'ended',
    token,
    at,
    exit: { code: 0 },
    ...usage,
    reason: 'none',
  },
  [`ended ${token} ${at} exit 7 1 2 3 cancelled`]: {
    ...{ kind: 'ended', token, at, exit: { code: 7 }, ...usage, reason: 'cancelled' },
  },
  [`ended ${token} ${at} signal 9 1 2 3 walltime`]: {
    ...{ kind: 'ended', token, at, exit: { signal: 9 }, ...usage, reason: 'walltime' },
  },
  [`failed ${token} ${at} ENOENT script`]: { kind: 'failed', token, at, errno: 'ENOENT', stage: 'script' },
  [`dropped ${token} ${at}`]: { kind: 'dropped', token, at },
  [`closing ${at}`]: { kind: 'closing', at },
};

const lines = fc.array(fc.constantFrom(...Object.keys(LINES)), { maxLength: 20 });

describe('a record', () => {
  it('is read from its line', () => {
    for (const [line, record] of Object.entries(LINES)) assert.deepEqual(parseRecord(line), record);
  });

  it('is not read from a part of its line', () => {
    for (const line of Object.keys(LINES)) {
      for (let end = 0; end < line.length; end++) assert.equal(parseRecord(line.slice(0, end)), undefined);
    }
  });

  it('is not read from a line that has more or other words', () => {
    for (const line of Object.keys(LINES)) {
      for (const wrong of [
        `${line} 1`,
        ` ${line}`,
        line.replace(' ', '  '),
        line.replace(String(at), 'now'),
      ]) {
        assert.equal(parseRecord(wrong), undefined, wrong);
      }
    }
    for (const line of [
      'unheard of',
      `ended ${token} ${at} exit x 1 2 3 -`,
      `ended ${token} ${at} exit 0 1 2 3 bored`,
      `ended ${token} ${at} stopped 0 1 2 3 -`,
      `failed ${token} ${at} ENOENT somewhere`,
    ]) {
      assert.equal(parseRecord(line), undefined, line);
    }
  });

  it('is read from no junk', () => {
    fc.assert(
      fc.property(fc.string(), (junk) => {
        fc.pre(!(junk in LINES));
        assert.equal(parseRecord(junk), undefined);
      }),
    );
  });
});

describe('a stream of records', () => {
  it('means the same wherever its chunks end', () => {
    fc.assert(
      fc.property(lines, fc.array(fc.nat({ max: 60 })), fc.string(), (whole, sizes, torn) => {
        const rest = torn.replaceAll('\n', '');
        const bytes = Buffer.from(whole.map((line) => `${line}\n`).join('') + rest);
        const read = createRecordReader();
        const records: object[] = [];
        let from = 0;
        for (const size of [...sizes, bytes.length]) {
          records.push(...read(bytes.subarray(from, from + size)));
          from = Math.min(bytes.length, from + size);
        }
        assert.deepEqual(
          records,
          whole.map((line) => LINES[line]),
        );
        assert.equal(parseRecords(bytes).length, bytes.length - Buffer.byteLength(rest));
      }),
    );
  });

  it('passes over what a full disk has cut short', () => {
    const [first = ''] = Object.keys(LINES);
    const { records } = parseRecords(Buffer.from(`${first.slice(0, 9)}\n\n${first}\n`));
    assert.deepEqual(records, [LINES[first]]);
  });
});

describe('a records file', () => {
  it('is read on from where the reading stopped, whole line by whole line', (context) => {
    const directory = mkdtempSync(join(tmpdir(), 'maestro-records-'));
    context.after(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'records');
    assert.deepEqual(readRecords(file, 0), { records: [], offset: 0 });
    const [one = '', two = '', three = ''] = Object.keys(LINES);
    writeFileSync(file, `${one}\n${two.slice(0, 5)}`);
    const first = readRecords(file, 0);
    assert.deepEqual(first, { records: [LINES[one]], offset: one.length + 1 });
    assert.deepEqual(readRecords(file, first.offset), { records: [], offset: first.offset });
    appendFileSync(file, `${two.slice(5)}\n${three}\n`);
    const second = readRecords(file, first.offset);
    assert.deepEqual(second.records, [LINES[two], LINES[three]]);
    assert.deepEqual(readRecords(file, second.offset), { records: [], offset: second.offset });
  });

  it('may be of any size, and hold any amount of junk', (context) => {
    const directory = mkdtempSync(join(tmpdir(), 'maestro-records-'));
    context.after(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'records');
    const [line = ''] = Object.keys(LINES);
    const count = 60_000;
    writeFileSync(file, `${`${line}\n`.repeat(count)}${'\0'.repeat(3_000_000)}\n${line}\n`);
    const { records, offset } = readRecords(file, 0);
    assert.equal(records.length, count + 1);
    assert.equal(offset, (line.length + 1) * (count + 1) + 3_000_001);
  });
});

describe('a command', () => {
  const order: StartOrder = {
    token,
    cores: 2,
    gpus: [0, 3],
    walltimeMs: 1000,
    graceMs: 50,
    directory: '/a b\n',
    script: '/a b\n/s.sh',
    output: 's',
  };

  it('is its fields, each ended by a NUL', () => {
    assert.equal(encodeStart(order), `start\0${token}\x002\x000,3\x001000\x0050\0/a b\n\0/a b\n/s.sh\0s\0`);
    assert.equal(encodeStart({ ...order, gpus: [] }).split('\0')[3], '');
    assert.equal(encodeCancel(token, 5), `cancel\0${token}\x005\0`);
    assert.equal(encodeCapacity(8, 0), 'capacity\x008\x000\0');
  });

  it('is not made of what a runner would not understand', () => {
    for (const wrong of ['', 'a b', 'a\n', 'é', 'x'.repeat(201)]) {
      assert.throws(() => encodeStart({ ...order, token: wrong }), /no token/);
      assert.throws(() => encodeCancel(wrong, 0), /no token/);
    }
    for (const wrong of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => encodeStart({ ...order, walltimeMs: wrong }), /no number/);
      assert.throws(() => encodeCapacity(wrong, 0), /no number/);
    }
    assert.throws(() => encodeStart({ ...order, directory: '/a\0cancel' }), /NUL/);
    assert.throws(() => encodeStart({ ...order, script: `/${'x'.repeat(70_000)}` }), /too long/);
  });
});
