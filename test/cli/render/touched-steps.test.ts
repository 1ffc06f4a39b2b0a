import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTheme } from '../../../src/cli/render/theme.ts';
import { touchedLines } from '../../../src/cli/render/touched-steps.ts';
import { FEW_STEPS, type TouchedStep } from '../../../src/cli/repair/touched-step.ts';

const look = { width: undefined, theme: createTheme(false), follows: 'depends on it' };

function step(id: number, rest: Partial<TouchedStep> = {}): TouchedStep {
  return { id, name: `run_${id}`, template: 'run', state: 'FAILED', isChosen: true, ...rest };
}

describe('steps that a repair touches', () => {
  it('are told one by one with what is known of them', () => {
    const steps = [
      step(0, { reason: 'exit code 3' }),
      step(1, { state: 'FINISHED', reason: 'exit code 0' }),
      step(2, { state: 'FINISHED', isChosen: false, reason: 'exit code 0' }),
      step(3, { name: 'a\u001b[31m', reason: 'b\nc' }),
    ];
    assert.deepEqual(
      [...touchedLines(steps, look)],
      [
        'Step    State now  Because',
        '──────  ─────────  ─────────────',
        'run_0   FAILED     exit code 3',
        'run_1   FINISHED   asked for',
        'run_2   FINISHED   depends on it',
        'a�[31m  FAILED     b�c',
      ],
    );
  });

  it('are counted where they are many', () => {
    const many = Array.from({ length: 1200 }, (_, id) =>
      step(id, id < 1000 ? {} : { template: 'plot', state: 'CANCELLED' }),
    );
    assert.deepEqual(
      [...touchedLines(many, look)],
      [
        'Step  Steps  States now',
        '────  ─────  ─────────────',
        'run   1,000  FAILED 1,000',
        'plot    200  CANCELLED 200',
      ],
    );
    assert.equal([...touchedLines(many.slice(0, FEW_STEPS), look)].length, FEW_STEPS + 2);
  });
});
