import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readJson, readText, submissionOf } from '../../../../src/conductor/schedulers/pbs/job-attributes.ts';
import { type Flavour, reportOf } from '../../../../src/conductor/schedulers/pbs/job-states.ts';

/** A job with these attributes, told as `outcome exit: words`. */
function told(values: Readonly<Record<string, string>>, flavour: Flavour = 'openpbs'): string {
  const report = reportOf({ id: '1.s', values: new Map(Object.entries(values)) }, flavour);
  const state = report.kind === 'ended' ? report.outcome : report.state;
  const exit = report.kind === 'ended' && report.exit !== undefined ? ` ${JSON.stringify(report.exit)}` : '';
  return `${state}${exit}: ${report.words}`;
}

const ended = (status: string, more: Readonly<Record<string, string>> = {}) =>
  told({ job_state: 'F', Exit_status: status, ...more });

test('states of jobs that have not ended', () => {
  const states = ['Q', 'T', 'H', 'W', 'S', 'U', 'M', 'R', 'B', 'E', 'Z'].map((job_state) =>
    told({ job_state }),
  );
  assert.deepEqual(states, [
    'QUEUED: Q',
    'QUEUED: T',
    'WAITING: H',
    'WAITING: W',
    'WAITING: S',
    'WAITING: U',
    'WAITING: M',
    'RUNNING: R',
    'RUNNING: B',
    'FINISHING: E',
    'WAITING: Z',
  ]);
  assert.equal(
    told({ job_state: 'H', comment: 'job held, too many failed attempts to run' }),
    'WAITING: H (job held, too many failed attempts to run)',
  );
});

test('an exit status is a code, a signal above 256, or an end of its own below zero', () => {
  assert.equal(ended('0'), 'FINISHED {"code":0}: exit status 0');
  assert.equal(ended('3'), 'FAILED {"code":3}: exit status 3');
  assert.equal(ended('139'), 'FAILED {"code":139}: exit status 139');
  assert.equal(ended('265'), 'FAILED {"signal":9}: exit status 265');
  assert.equal(ended('-29'), 'TIMEDOUT: exit status -29');
  assert.equal(ended('-4'), 'HWFAILURE: exit status -4');
  assert.equal(ended('-3'), 'HWFAILURE: exit status -3');
  assert.equal(ended('-1'), 'FAILED: exit status -1');
});

test('a job that was deleted is cancelled, whether it ran or not', () => {
  assert.equal(ended('271', { substate: '91' }), 'CANCELLED {"signal":15}: exit status 271');
  assert.equal(ended('1', { substate: '91' }), 'CANCELLED {"code":1}: exit status 1');
  assert.equal(told({ job_state: 'F', substate: '91' }), 'CANCELLED: ended without running');
  assert.equal(
    told({ job_state: 'F', substate: '93', comment: 'bad account' }),
    'FAILED: ended without running: bad account',
  );
});

test('a job that has used its time has timed out, whatever it made of the signal', () => {
  const used = { 'resources_used.walltime': '01:00:05', 'Resource_List.walltime': '01:00:00' };
  for (const status of ['271', '265', '1', '143']) assert.match(ended(status, used), /^TIMEDOUT /, status);
  assert.match(ended('0', used), /^FINISHED /);
  assert.match(ended('271', { ...used, 'resources_used.walltime': '00:59:58' }), /^FAILED /);
  assert.match(ended('1', { comment: 'job killed: walltime 3605 exceeded limit 3600' }), /^TIMEDOUT /);
  assert.match(
    ended('1', { 'resources_used.walltime': '00:10:00', 'Resource_List.walltime': '00:00:00' }),
    /^FAILED /,
  );
});

test("Torque's conventions differ", () => {
  const torque = (exit_status: string) => told({ job_state: 'C', exit_status }, 'torque');
  assert.equal(torque('-11'), 'TIMEDOUT: exit status -11');
  assert.equal(torque('271'), 'CANCELLED {"signal":15}: exit status 271');
  assert.equal(torque('265'), 'FAILED {"signal":9}: exit status 265');
  assert.equal(torque('-3'), 'HWFAILURE: exit status -3');
  assert.equal(told({ job_state: 'C' }, 'torque'), 'CANCELLED: ended without running');
});

const TEXT = `Job Id: 1234.pbs01
    Job_Name = run_A.1
    Job_Owner = lia@login1
    resources_used.walltime = 00:00:04
    job_state = F
    queue = workq
    stime = Sun Nov 22 08:00:00 2026
    obittime = Sun Nov 22 08:00:04 2026
    Resource_List.walltime = 00:10:00
    Variable_List = PBS_O_HOME=/home/lia,PBS_O_LANG=en_US.UTF-8,PBS_O_LOGNAME=lia,
	PBS_O_PATH=/usr/bin:/bin,MAESTRO_SUBM
	ISSION=maestro-abc-1,PBS_O_WORKDIR=/study/run
    Exit_status = 0
    substate = 92

Job Id: 1235.pbs01
    Job_Name = other = one
    job_state = R

`;

const JSON_TEXT = JSON.stringify({
  timestamp: 1795322488,
  pbs_version: '22.05.11',
  Jobs: {
    '1234.pbs01': {
      Job_Name: 'run_A.1',
      resources_used: { walltime: '00:00:04' },
      job_state: 'F',
      stime: 'Sun Nov 22 08:00:00 2026',
      obittime: 'Sun Nov 22 08:00:04 2026',
      Exit_status: 0,
      Variable_List: { PBS_O_HOME: '/home/lia', MAESTRO_SUBMISSION: 'maestro-abc-1' },
    },
    '1235.pbs01': { Job_Name: 'x', job_state: 'R', Variable_List: {} },
  },
});

test('text and JSON tell the same', () => {
  for (const jobs of [readText(TEXT), readJson(JSON_TEXT)!]) {
    assert.deepEqual(
      jobs.map(({ id }) => id),
      ['1234.pbs01', '1235.pbs01'],
    );
    assert.deepEqual(reportOf(jobs[0]!, 'openpbs'), {
      kind: 'ended',
      outcome: 'FINISHED',
      exit: { code: 0 },
      startedAt: new Date(2026, 10, 22, 8, 0, 0).getTime(),
      endedAt: new Date(2026, 10, 22, 8, 0, 4).getTime(),
      words: 'exit status 0',
    });
    assert.deepEqual(jobs.map(submissionOf), ['maestro-abc-1', undefined]);
    assert.equal(jobs[0]!.values.get('resources_used.walltime'), '00:00:04');
  }
});

test('JSON without jobs is an answer, broken JSON is none', () => {
  assert.deepEqual(readJson(''), []);
  assert.deepEqual(readJson('{"timestamp":1}'), []);
  assert.equal(readJson(JSON_TEXT.replace('"run_A.1"', '001')), undefined);
});

test('whatever is printed, nothing is thrown', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.json(), (text, json) => {
      readText(text);
      readText(`Job Id: 1.s\n    ${text}`);
      for (const job of readJson(json) ?? []) reportOf(job, 'openpbs');
    }),
  );
});
