import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type DecodedCopy, decodeCopy } from '../../../../src/shared/state/copy/decode.ts';
import {
  batchLines,
  headerLine,
  rowLine,
  type Shape,
  shapeLine,
} from '../../../../src/shared/state/copy/encode.ts';
import { emptyTables, putRow, type Tables } from '../../../../src/shared/state/copy/tables.ts';

const STEP: Shape = { name: 'step', table: 'step', columns: ['id', 'name', 'state'] };
const MOVED: Shape = { name: 'step+', table: 'step', columns: ['id', 'state'] };

/** A copy of one batch a list of moves, each a step and its state. */
function copyOf(batches: readonly (readonly (readonly [number, string])[])[]): string[] {
  const head = [headerLine({ token: 'abc', edition: 1, fingerprint: 'f' })];
  const steps = [0, 1, 2].map((id) => rowLine('step', [id, `s${id}`, 'NEW']));
  const first = batchLines({ after: 0, until: 0 }, [shapeLine(STEP), shapeLine(MOVED), ...steps]);
  const moves = batches.flatMap((rows, index) => [
    ...batchLines(
      { after: index, until: index + 1 },
      rows.map((cells) => rowLine('step+', cells)),
    ),
  ]);
  return [...head, ...first, ...moves].map((line) => line.slice(0, -1));
}

function expected(batches: readonly (readonly (readonly [number, string])[])[]): Tables {
  const tables = emptyTables();
  for (const id of [0, 1, 2]) putRow(tables, 'step', { id, name: `s${id}`, state: 'NEW' });
  for (const [id, state] of batches.flat()) putRow(tables, 'step', { id, state });
  return tables;
}

const anyBatches = fc.array(fc.array(fc.tuple(fc.nat(2), fc.string()), { maxLength: 4 }), { maxLength: 5 });

describe('a copy', () => {
  it('read back holds the newest of each row, whatever stands in it', () => {
    fc.assert(
      fc.property(anyBatches, (batches) => {
        const { header, tables, until, problems } = decodeCopy(copyOf(batches));
        assert.deepEqual(header, { token: 'abc', edition: 1, fingerprint: 'f' });
        assert.deepEqual(tables, expected(batches));
        assert.equal(until, batches.length);
        assert.deepEqual(problems, []);
      }),
    );
  });

  it('cut off anywhere holds the batches before', () => {
    fc.assert(
      fc.property(anyBatches, fc.nat(), (batches, cut) => {
        const text = copyOf(batches).join('\n');
        const lines = text
          .slice(0, cut % (text.length + 1))
          .split('\n')
          .slice(0, -1);
        const { until, tables, problems, header } = decodeCopy(lines);
        if (header === undefined) return;
        assert.deepEqual(problems, []);
        if (tables.step.size > 0) assert.deepEqual(tables, expected(batches.slice(0, until)));
      }),
    );
  });

  it('with a changed byte gives nothing that was not written, and says so', () => {
    const batches = [[[0, 'A']], [[1, 'B']], [[2, 'C']]] as const;
    const text = copyOf(batches).join('\n');
    const whole = decodeCopy(text.split('\n'));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 1, max: 127 }), (at, bits) => {
        const bytes = Buffer.from(text);
        bytes[at] = bytes[at]! ^ bits;
        assertHonest(decodeCopy(bytes.toString('latin1').split('\n')), whole);
      }),
    );
  });

  it('goes on after a batch that was torn and written again', () => {
    const lines = copyOf([[[0, 'A']]]);
    const torn = [...lines.slice(0, -2), '["step+",0,"A"', ...lines.slice(-3)];
    assert.deepEqual(decodeCopy(torn).tables, expected([[[0, 'A']]]));
    assert.deepEqual(decodeCopy(torn).problems, []);
  });

  it('keeps bytes as bytes', () => {
    const shape: Shape = { name: 'study', table: 'study', columns: ['id', 'template'] };
    const rows = [rowLine('study', [1, new Uint8Array([0, 255, 10])])];
    const lines = [...batchLines({ after: 0, until: 0 }, [shapeLine(shape), ...rows])].map((line) =>
      line.trimEnd(),
    );
    assert.deepEqual(decodeCopy(lines).tables.study.get('1'), { id: 1, template: Buffer.from([0, 255, 10]) });
  });
});

/** Either all that was written, or less and a word about it; never a row that nobody wrote. */
function assertHonest(read: DecodedCopy, whole: DecodedCopy): void {
  const states = new Set(['NEW', 'A', 'B', 'C']);
  for (const { state } of read.tables.step.values()) assert.ok(states.has(String(state)), String(state));
  const isWhole = read.until === whole.until && read.problems.length === 0;
  if (isWhole) assert.deepEqual(read.tables, whole.tables);
}
