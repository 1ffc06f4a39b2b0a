import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { planRebuild, type StudyRemains } from '../../../src/conductor/rebuild/plan-rebuild.ts';
import { recordRenewal } from '../../../src/shared/renew/record-renewal.ts';
import { planRenewal } from '../../../src/shared/renew/renewal.ts';
import { readCopy } from '../../../src/shared/state/copy/copy-file.ts';
import { writeCopy } from '../../../src/shared/state/copy/store-copy.ts';
import { emptyTables, type Tables } from '../../../src/shared/state/copy/tables.ts';
import { readNewestEvent } from '../../../src/shared/state/queries.ts';
import { salvage } from '../../../src/shared/state/salvage.ts';
import type { StepState } from '../../../src/shared/state/states.ts';
import { type Store, storeFile } from '../../../src/shared/state/store.ts';
import { readStudy } from '../../../src/shared/state/study-record.ts';
import { type FakeTemplate, fakeStudy } from '../../fakes/graphs.ts';
import { fakeStudyDirectory, leaseForTest } from '../../fakes/stores.ts';
import { expanded, parameterOf, specOf, stepOf } from '../../shared/study/studies.ts';

const FIRST: readonly FakeTemplate[] = [{ steps: 2 }, { steps: 2, parents: [0] }];
/** Loses t0_1 and t1_1, and has two steps more. */
const SECOND: readonly FakeTemplate[] = [{ steps: 1 }, { steps: 1, parents: [0] }, { steps: 2 }];

function study(t: TestContext): { directory: string; store: Store } {
  const { directory, store, remove } = fakeStudyDirectory(FIRST);
  t.after(remove);
  leaseForTest(store);
  return { directory, store };
}

function renew(store: Store): void {
  const { study, expansion, source } = readStudy(store);
  const states = store.prepare('SELECT state FROM step ORDER BY id').pluck().all() as StepState[];
  const after = fakeStudy(SECOND);
  const renewed = { ...after, study: { ...after.study, directory: study.directory } };
  const renewal = planRenewal({ study, expansion, states }, renewed, { ignoresResources: false });
  const plannedAfter = readNewestEvent(store);
  recordRenewal(store, renewal, { epoch: 1, plannedAfter, source, version: '1', now: 5000 });
}

function rebuilt(remains: Pick<StudyRemains, 'copy' | 'salvaged'>) {
  const plan = planRebuild({ ...remains, found: new Map(), mayHaveBegun: () => false }, 9000, 'here');
  assert.ok(plan !== undefined);
  return plan.tables;
}

const rowsOf = (tables: Tables) => [...tables.step.values()].map(({ id, name, state }) => [id, name, state]);

describe('a study with another specification', () => {
  it('is restored as it was before where its copy does not know of that', (t) => {
    const { directory, store } = study(t);
    writeCopy(directory, store, readStudy(store));
    const before = readStudy(store);
    renew(store);
    const tables = rebuilt({ copy: readCopy(directory), salvaged: salvage(storeFile(directory)) });
    assert.deepEqual(
      rowsOf(tables),
      before.expansion.names.map((name, id) => [id, name, 'INITIALIZED']),
    );
    assert.equal(tables.study.get('1')!.edition, 1);
    assert.equal(tables.event.size, 1, 'that it was restored');
  });

  it('is restored with what was removed and what was added', (t) => {
    const { directory, store } = study(t);
    renew(store);
    writeCopy(directory, store, readStudy(store));
    const tables = rebuilt({ copy: readCopy(directory), salvaged: emptyTables() });
    assert.deepEqual(rowsOf(tables), [
      [0, 't0_0', 'INITIALIZED'],
      [1, 't0_1', 'REMOVED'],
      [2, 't1_0', 'INITIALIZED'],
      [3, 't1_1', 'REMOVED'],
      [4, 't2_0', 'INITIALIZED'],
      [5, 't2_1', 'INITIALIZED'],
    ]);
  });

  it('has its lost rows named by its plan, each in its place', () => {
    const steps = [stepOf('mesh', { cmd: 'mesh $(SIZE)' }), stepOf('report', { depends: ['mesh_*'] })];
    const heat = (...sizes: readonly string[]) =>
      expanded(specOf({ steps, parameters: [parameterOf('SIZE', sizes)] }));
    const before = heat('10', '20');
    const states = before.expansion.names.map((): StepState => 'FINISHED');
    const renewal = planRenewal({ ...before, states }, heat('20', '30'), { ignoresResources: false });
    const { study: plan, expansion } = renewal;
    const row = { id: 1, plan: JSON.stringify(plan), edition: 2 };
    const columns = { template: bytesOf(expansion.template), combination: bytesOf(expansion.combination) };
    const tables = { ...emptyTables(), study: new Map([['1', { ...row, ...columns }]]) };
    const restored = rebuilt({ copy: { tables, until: 0, problems: [] }, salvaged: emptyTables() });
    assert.deepEqual(rowsOf(restored), [
      [0, 'step 0', 'REMOVED'],
      [1, 'mesh_SIZE.20', 'INITIALIZED'],
      [2, 'report', 'INITIALIZED'],
      [3, 'mesh_SIZE.30', 'INITIALIZED'],
    ]);
  });
});

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
