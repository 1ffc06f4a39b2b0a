import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StatusRow } from '../../../src/shared/state/queries.ts';
import { formatDuration, formatTime, statusCsv } from '../../../src/shared/state/status-csv.ts';

const row: StatusRow = {
  id: 0,
  name: 'run_A.1',
  workspace: 'run/A.1',
  state: 'FINISHED',
  attempts: 1,
  restarts: 0,
  job: '42',
  submittedAt: 1_000,
  startedAt: 2_000,
  endedAt: 63_000,
  notBefore: null,
};

describe('status.csv', () => {
  it('has the header, the columns and the formats that scripts read', () => {
    const text = statusCsv([row], () => 'A:1;B:x', 0);
    const [header, line, ...rest] = text.split('\n');
    assert.equal(
      header,
      'Step Name,Job ID,Workspace,State,Run Time,Elapsed Time,Start Time,Submit Time,End Time,Number Restarts,Params',
    );
    const start = formatTime(2_000);
    const times = `${start},${formatTime(1_000)},${formatTime(63_000)}`;
    assert.equal(line, `run_A.1,42,run/A.1,FINISHED,0d:00h:01m:01s,0d:00h:01m:02s,${times},0,A:1;B:x`);
    assert.deepEqual(rest, []);
  });

  it('shows dashes for what has not begun, and counts on while a step runs', () => {
    const waiting = { ...row, job: null, submittedAt: null, startedAt: null, endedAt: null };
    assert.match(
      statusCsv([waiting], () => '', 0),
      /run_A\.1,--,run\/A\.1,FINISHED,--:--:--,--:--:--,--,--,--,0,$/,
    );
    const running = { ...row, endedAt: null };
    assert.match(
      statusCsv([running], () => '', 5_000),
      /0d:00h:00m:03s,0d:00h:00m:04s/,
    );
  });

  it('quotes by RFC 4180 only where it must', () => {
    const odd = { ...row, name: 'see_V.a,b "c"' };
    assert.match(
      statusCsv([odd], () => 'V:a,b "c"', 0),
      /^"see_V\.a,b ""c""",42,.*,0,"V:a,b ""c"""$/m,
    );
  });

  it('formats durations of days and clocks that went back', () => {
    assert.equal(formatDuration(90_061_000), '1d:01h:01m:01s');
    assert.equal(formatDuration(-5), '0d:00h:00m:00s');
  });
});
