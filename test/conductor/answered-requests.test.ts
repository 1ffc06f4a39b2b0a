import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { AnsweredRequests, type TakenRequests } from '../../src/conductor/answered-requests.ts';
import { readRequests, requestCancel } from '../../src/shared/control.ts';
import { type Files, systemFiles } from '../../src/shared/files.ts';
import { leaveRepair, type RepairRequest } from '../../src/shared/repair-request.ts';

const RETRY: RepairRequest = { kind: 'retry', steps: [0], descendants: true, clean: false };

/** A conductor's view of a directory in which some requests are on record as answered. */
function conductorOf(directory: string, served: readonly string[] = [], files: Files = systemFiles) {
  const answered = new AnsweredRequests({
    files,
    isServed: (name) => served.includes(name),
    onTrouble: () => undefined,
  });
  return { take: (): TakenRequests => answered.takeUp(readRequests(directory)) };
}

function kindsOf({ requests }: TakenRequests): string[] {
  return requests.map(({ kind }) => kind);
}

function studyWith(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-answered-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

describe('requests that are answered', () => {
  it('are there until the answer is on record, and then are gone', (t) => {
    const directory = studyWith(t);
    const file = leaveRepair(directory, RETRY);
    const taken = conductorOf(directory).take();
    assert.deepEqual(kindsOf(taken), ['retry']);
    assert.deepEqual(taken.names, [basename(file)]);
    assert.ok(existsSync(file));
    taken.forget();
    assert.ok(!existsSync(file));
  });

  it('are removed, and not answered again, by whoever finds them on record', (t) => {
    const directory = studyWith(t);
    const file = leaveRepair(directory, RETRY);
    assert.deepEqual(kindsOf(conductorOf(directory, [basename(file)]).take()), []);
    assert.ok(!existsSync(file));
  });

  it('do not count twice where the disk does not let them go', (t) => {
    const directory = studyWith(t);
    leaveRepair(directory, { kind: 'pause' });
    const remove = (): never => {
      throw Object.assign(new Error('read-only'), { code: 'EROFS' });
    };
    const conductor = conductorOf(directory, [], { ...systemFiles, remove });
    const taken = conductor.take();
    taken.forget();
    assert.deepEqual([kindsOf(taken), kindsOf(conductor.take())], [['pause'], []]);
  });

  it('of those a retry waits until the request to cancel before it is gone', (t) => {
    const directory = studyWith(t);
    requestCancel(directory);
    utimesSync(join(directory, '.cancel.lock'), 10, 10);
    leaveRepair(directory, RETRY);
    const conductor = conductorOf(directory);
    const first = conductor.take();
    assert.deepEqual(kindsOf(first), ['cancel']);
    first.forget();
    assert.deepEqual(kindsOf(conductor.take()), ['retry']);
  });

  it('of those a request to cancel that came after a retry is answered after it', (t) => {
    const directory = studyWith(t);
    utimesSync(leaveRepair(directory, RETRY), 10, 10);
    requestCancel(directory);
    assert.deepEqual(kindsOf(conductorOf(directory).take()), ['retry', 'cancel']);
  });
});
