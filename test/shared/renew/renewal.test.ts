import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fateClause } from '../../../src/shared/renew/fate-words.ts';
import type { Fate } from '../../../src/shared/renew/fates.ts';
import {
  changesNothing,
  outdatedScripts,
  planRenewal,
  type Renewal,
} from '../../../src/shared/renew/renewal.ts';
import type { Batch, Specification, StepSpec } from '../../../src/shared/spec/specification.ts';
import type { StepState } from '../../../src/shared/state/states.ts';
import { expanded, parameterOf, specOf, stepOf } from '../study/studies.ts';

const MESH = stepOf('mesh', { cmd: 'mesh $(SIZE)' });
const SIMULATE = stepOf('simulate', { cmd: 'simulate $(mesh.workspace)', depends: ['mesh'] });
const REPORT = stepOf('report', { cmd: 'report $(simulate.workspace)', depends: ['simulate_*'] });
const STEPS = [MESH, SIMULATE, REPORT];

const SLURM: Batch = { type: 'slurm', shell: '/bin/bash', args: {} };

function heat(steps: readonly StepSpec[] = STEPS, sizes = ['10', '20'], batch?: Batch): Specification {
  return specOf({ steps, parameters: [parameterOf('SIZE', sizes)], ...(batch && { batch }) });
}

/** What the second specification does to a study of the first whose steps are in these states, FINISHED else. */
function renew(
  first: Specification,
  second: Specification,
  states: Readonly<Record<string, StepState>> = {},
  ignoresResources = false,
): Renewal {
  const before = expanded(first);
  const ofRows = before.expansion.names.map((name) => states[name] ?? 'FINISHED');
  return planRenewal({ ...before, states: ofRows }, expanded(second), { ignoresResources });
}

/** Each step's fate by its name, with the reason where there is one; what is kept as it is is left out. */
function fatesOf({ fates, expansion }: Renewal): Record<string, string> {
  const told = fates.map((fate, row): [string, string] => {
    const clause = fateClause(fate, (of) => expansion.names[of]!);
    const hasReason = fate.kind === 'again' || clause.includes('changed');
    return [expansion.names[row]!, hasReason ? `${fate.kind}: ${clause}` : fate.kind];
  });
  return Object.fromEntries(told.filter(([, fate]) => fate !== 'kept'));
}

describe('what another specification does to a study', () => {
  it('is nothing where it says the same', () => {
    const renewal = renew(heat(), heat());
    assert.deepEqual(fatesOf(renewal), {});
    assert.equal(changesNothing(renewal), true);
  });

  it('is nothing to speak of where only descriptions and the order of steps differ', () => {
    const others = STEPS.map((step) => ({ ...step, description: 'another' })).reverse();
    const renewal = renew(heat(STEPS, undefined, SLURM), heat(others, undefined, SLURM));
    assert.deepEqual(fatesOf(renewal), {});
  });

  it('runs a step whose script has changed, and all that depends on it', () => {
    const changed = { ...SIMULATE, cmd: 'simulate better $(mesh.workspace)' };
    assert.deepEqual(fatesOf(renew(heat(), heat([MESH, changed, REPORT]))), {
      'simulate_SIZE.10': 'again: its script has changed',
      'simulate_SIZE.20': 'again: its script has changed',
      report: 'again: it depends on simulate_SIZE.10, which runs',
    });
  });

  it('runs only the combinations that the change concerns', () => {
    const first = specOf({ steps: [MESH], parameters: [parameterOf('SIZE', ['10', '20'])] });
    const second = specOf({
      steps: [MESH],
      parameters: [parameterOf('SIZE', ['10', '21'], { labels: ['SIZE.10', 'SIZE.20'] })],
    });
    assert.deepEqual(fatesOf(renew(first, second)), { 'mesh_SIZE.20': 'again: its script has changed' });
  });

  it('adds the combinations of a value, and gathers anew', () => {
    assert.deepEqual(fatesOf(renew(heat(), heat(STEPS, ['5', '10', '20']))), {
      'mesh_SIZE.5': 'new',
      'simulate_SIZE.5': 'new',
      report: 'again: it depends on simulate_SIZE.5, which runs',
    });
  });

  it('removes those of a value that is gone, and gathers anew', () => {
    const renewal = renew(heat(), heat(STEPS, ['20']));
    assert.deepEqual(fatesOf(renewal), {
      'mesh_SIZE.10': 'removed',
      'simulate_SIZE.10': 'removed',
      report: 'again: it depends on other steps now',
    });
    const row = renewal.expansion.names.indexOf('simulate_SIZE.10');
    assert.equal(renewal.expansion.workspaces[row], '_removed/simulate/SIZE.10');
    assert.deepEqual(renewal.expansion.removed!.get(row), {
      template: 'simulate',
      params: [['SIZE', '10']],
      workspace: 'simulate/SIZE.10',
    });
  });

  it('runs what has not finished, changed or not, and leaves what has not begun to wait', () => {
    const states = {
      'mesh_SIZE.20': 'TIMEDOUT',
      'simulate_SIZE.20': 'FAILED',
      report: 'INITIALIZED',
    } as const;
    const changed = { ...REPORT, cmd: 'report better' };
    assert.deepEqual(fatesOf(renew(heat(), heat([MESH, SIMULATE, changed]), states)), {
      'mesh_SIZE.20': 'again: it has not finished',
      'simulate_SIZE.20': 'again: it has not finished',
      report: 'waits: its script has changed',
    });
  });

  it('runs a step that depends on one more', () => {
    const plot = stepOf('plot', { cmd: 'plot $(SIZE)' });
    const later = { ...plot, depends: ['mesh'] };
    assert.deepEqual(fatesOf(renew(heat([MESH, plot]), heat([MESH, later]))), {
      'plot_SIZE.10': 'again: it depends on other steps now',
      'plot_SIZE.20': 'again: it depends on other steps now',
    });
    // What it does not need any more has done it no harm.
    assert.deepEqual(fatesOf(renew(heat([MESH, later]), heat([MESH, plot]))), {});
    const all = { ...plot, depends: ['mesh_*'] };
    assert.deepEqual(fatesOf(renew(heat([MESH, all]), heat([MESH, later]))), {});
    assert.deepEqual(Object.keys(fatesOf(renew(heat([MESH, later]), heat([MESH, all])))), [
      'plot_SIZE.10',
      'plot_SIZE.20',
    ]);
  });

  it('brings a step back, in its old row and to its old place', () => {
    const first = expanded(heat());
    const states = first.expansion.names.map((): StepState => 'FINISHED');
    const without = planRenewal({ ...first, states }, expanded(heat(STEPS, ['20'])), {
      ignoresResources: false,
    });
    const after = without.fates.map(({ kind }): StepState => (kind === 'removed' ? 'REMOVED' : 'FINISHED'));
    const again = planRenewal({ ...without, states: after }, expanded(heat()), { ignoresResources: false });
    assert.deepEqual(fatesOf(again), {
      'mesh_SIZE.10': 'back',
      'simulate_SIZE.10': 'back',
      report: 'again: it depends on simulate_SIZE.10, which runs',
    });
    assert.deepEqual(again.expansion, first.expansion);
    assert.deepEqual(
      outdatedScripts(again).map((row) => again.expansion.names[row]),
      ['mesh_SIZE.10', 'simulate_SIZE.10'],
    );
    const still = planRenewal({ ...without, states: after }, expanded(heat(STEPS, ['20'])), {
      ignoresResources: false,
    });
    assert.deepEqual(
      still.fates.map(({ kind }: Fate) => kind),
      after.map((state) => (state === 'REMOVED' ? 'gone' : 'kept')),
    );
    assert.equal(changesNothing(still), true);
  });
});

describe('resources that have changed', () => {
  const long = { ...SIMULATE, resources: { walltime: '01:00:00' } };
  const longer = { ...SIMULATE, resources: { walltime: '02:00:00' } };
  const local = { first: heat([MESH, long]), second: heat([MESH, longer]) };
  const nodes = { nodes: '1' };
  const scheduled = {
    first: heat([MESH, { ...long, resources: { ...long.resources, ...nodes } }], undefined, SLURM),
    second: heat([MESH, { ...longer, resources: { ...longer.resources, ...nodes } }], undefined, SLURM),
  };

  for (const [where, { first, second }] of Object.entries({ local, scheduled })) {
    it(`make a ${where} step run again`, () => {
      assert.deepEqual(fatesOf(renew(first, second)), {
        'simulate_SIZE.10': 'again: its resources have changed',
        'simulate_SIZE.20': 'again: its resources have changed',
      });
    });

    it(`are no reason for a ${where} step that has finished, if they are not to be`, () => {
      const renewal = renew(first, second, { 'simulate_SIZE.20': 'TIMEDOUT' }, true);
      assert.deepEqual(fatesOf(renewal), {
        'simulate_SIZE.10': 'kept: its resources have changed',
        'simulate_SIZE.20': 'again: its resources have changed',
      });
      assert.equal(changesNothing(renewal), false);
      assert.deepEqual(
        outdatedScripts(renewal).map((row) => renewal.expansion.names[row]),
        ['simulate_SIZE.10', 'simulate_SIZE.20'],
      );
    });
  }

  it('do not count where they come to the same', () => {
    const same = { ...SIMULATE, resources: { walltime: '1:00:00' } };
    assert.deepEqual(fatesOf(renew(local.first, heat([MESH, same]))), {});
  });

  it('are those of the batch block too', () => {
    const { first } = scheduled;
    const second = { ...first, batch: { ...SLURM, bank: 'other' } };
    assert.deepEqual(fatesOf(renew(first, second)), {
      'simulate_SIZE.10': 'again: the batch block has changed',
      'simulate_SIZE.20': 'again: the batch block has changed',
    });
  });

  it('are not those of the restart script', () => {
    const restart = { ...SIMULATE, restart: 'simulate --continue' };
    assert.deepEqual(fatesOf(renew(heat(), heat([MESH, restart]), {}, true)), {
      'simulate_SIZE.10': 'again: its restart script has changed',
      'simulate_SIZE.20': 'again: its restart script has changed',
      report: 'removed',
    });
  });
});
