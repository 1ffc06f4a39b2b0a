import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Launch } from '../../../src/conductor/dispatch.ts';
import { attemptToken, type Observation } from '../../../src/conductor/observation.ts';
import { FIND_PATIENCE, MISSING_PATIENCE, PAUSE_MS } from '../../../src/conductor/schedulers/batch-bounds.ts';
import { BatchScheduler } from '../../../src/conductor/schedulers/batch-scheduler.ts';
import { openJobFiles } from '../../../src/conductor/schedulers/job-files.ts';
import { handClock } from '../../fakes/hand-clock.ts';
import { memoryScheduler } from '../../fakes/memory-scheduler.ts';

const TOKEN = 'abcdefabcdef';
const SLEEP = 60_000;

function bench(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'maestro-batch-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const clock = handClock();
  const scheduler = memoryScheduler();
  const files = openJobFiles(directory);
  const seen: Observation[] = [];
  const lines: string[] = [];
  const make = () =>
    new BatchScheduler({
      clock,
      scheduler,
      files,
      log: {
        info: (line) => lines.push(line),
        warn: (line) => lines.push(line),
        error: (line) => lines.push(line),
      },
      studyToken: TOKEN,
      arrays: true,
      prepare: ({ flight: { step, number } }) => ({
        key: { step, number },
        request: {
          token: attemptToken(TOKEN, { step, number }),
          name: `run_${step}`,
          workspace: directory,
          script: join(directory, `run_${step}.slurm.sh`),
        },
        header: ['#SBATCH --nodes=1', `#SBATCH --job-name="run_${step}"`],
        output: `run_${step}`,
        allocation: { nodes: 1 },
      }),
      sleepMs: () => SLEEP,
      observed: (observation) => seen.push(observation),
    });
  const told = () =>
    seen.splice(0).map(({ kind, step, ...rest }) => [kind, step, 'job' in rest ? rest.job : '']);
  const claims = (step: number, job: string): void =>
    writeFileSync(join(files.directory, `${TOKEN}.${step}.1.claim`), `${job}\n`);
  const ends = (step: number, code: number): void =>
    writeFileSync(join(files.directory, `${TOKEN}.${step}.1.exit`), `${code} 100 160\n`);
  return { clock, scheduler, files, seen, told, claims, ends, lines, batch: make(), make };
}

const COMPLETED = { kind: 'ended', outcome: 'FINISHED', exit: { code: 0 }, words: 'COMPLETED' } as const;

const launch = (step: number, number = 1): Launch => ({
  flight: { step, number, cores: 0, gpus: [] },
  script: 'main',
  walltimeMs: 0,
  growth: 0,
});

describe('BatchScheduler', () => {
  it('submits, polls once a sleeptime for all jobs together, and tells what becomes of them', async (t) => {
    const { batch, clock, scheduler, told, ends } = bench(t);
    batch.launch([launch(0), launch(1)]);
    await clock.advance(0);
    assert.deepEqual(told(), [
      ['accepted', 0, '1'],
      ['accepted', 1, '2'],
    ]);
    scheduler.reports.set('1', { kind: 'running', state: 'RUNNING', startedAt: 5, words: 'RUNNING' });
    await clock.advance(SLEEP);
    assert.equal(scheduler.polls, 1);
    assert.deepEqual(told(), [
      ['reported', 0, ''],
      ['reported', 1, ''],
    ]);
    for (const [step, job] of ['1', '2'].entries()) {
      ends(step, 0);
      scheduler.reports.set(job, COMPLETED);
    }
    await clock.advance(SLEEP);
    assert.deepEqual(told(), [
      ['concluded', 0, ''],
      ['concluded', 1, ''],
    ]);
    assert.equal(clock.pending, 0, 'nothing is polled when nothing is in flight');
  });

  it('submits alike steps as arrays no longer than the limit, each member with an id of its own', async (t) => {
    const { batch, clock, scheduler, told } = bench(t);
    scheduler.limit = 3;
    batch.launch([0, 1, 2, 3].map((step) => launch(step)));
    await clock.advance(0);
    assert.deepEqual(
      scheduler.submissions.map(({ members }) => members.length),
      [3, 1],
    );
    assert.deepEqual(
      told().map(([, , job]) => job),
      ['1_0', '1_1', '1_2', '2'],
    );
    const text = readFileSync(scheduler.submissions[0]!.file, 'utf8');
    assert.match(text, /#SBATCH --nodes=1\n/);
    assert.doesNotMatch(text, /job-name="run_1"/);
  });

  it('looks for a submission whose answer was lost, and finds it', async (t) => {
    const { batch, clock, scheduler, told } = bench(t);
    scheduler.next = [{ kind: 'lost' }];
    batch.launch([launch(0)]);
    await clock.advance(SLEEP);
    assert.deepEqual(told()[0], ['accepted', 0, '1']);
    assert.equal(scheduler.submissions.length, 1);
  });

  it('drops an attempt only when its submission cannot be found, and revokes it first', async (t) => {
    const { batch, clock, scheduler, told, files } = bench(t);
    scheduler.next = [{ kind: 'swallowed' }];
    batch.launch([launch(0)]);
    await clock.advance(FIND_PATIENCE.ms - 1);
    assert.deepEqual(told(), []);
    await clock.advance(SLEEP);
    assert.deepEqual(told(), [['dropped', 0, '']]);
    assert.equal(readFileSync(join(files.directory, `${TOKEN}.0.1.claim`), 'utf8'), 'revoked\n');
  });

  it('does not drop an attempt whose job has begun, though the scheduler denies it', async (t) => {
    const { batch, clock, scheduler, told, files } = bench(t);
    scheduler.next = [{ kind: 'swallowed' }];
    batch.launch([launch(0)]);
    await clock.advance(0);
    writeFileSync(join(files.directory, `${TOKEN}.0.1.claim`), '77\n');
    await clock.advance(FIND_PATIENCE.ms + SLEEP);
    assert.deepEqual(told()[0], ['accepted', 0, '77']);
  });

  it('waits for a scheduler that is down, says so once and once when it is back, and loses nothing', async (t) => {
    const { batch, clock, scheduler, told, lines } = bench(t);
    batch.launch([launch(0)]);
    await clock.advance(0);
    told();
    scheduler.isDown = true;
    await clock.advance(MISSING_PATIENCE.ms * 3);
    assert.deepEqual(told(), []);
    scheduler.isDown = false;
    scheduler.reports.set('1', { kind: 'ended', outcome: 'FAILED', exit: { code: 3 }, words: 'FAILED' });
    await clock.advance(SLEEP);
    assert.deepEqual(told(), [['concluded', 0, '']]);
    assert.equal(lines.filter((line) => line.includes('does not answer')).length, 1);
    assert.equal(lines.filter((line) => line.includes('answers again')).length, 1);
  });

  it('does not take the end of a double for the end of the attempt, which another job has', async (t) => {
    const { batch, clock, scheduler, told, claims, ends } = bench(t);
    batch.launch([launch(0)]);
    await clock.advance(0);
    told();
    claims(0, '7');
    scheduler.reports.set('1', COMPLETED);
    scheduler.reports.set('7', { kind: 'running', state: 'RUNNING', words: 'RUNNING' });
    await clock.advance(SLEEP);
    await clock.advance(SLEEP);
    assert.deepEqual(told(), [['reported', 0, '']]);
    ends(0, 0);
    scheduler.reports.set('7', COMPLETED);
    await clock.advance(SLEEP);
    assert.deepEqual(told(), [['concluded', 0, '']]);
  });

  it('calls nothing finished that has not begun: an id may be given twice, and a job may stand back', async (t) => {
    const { batch, clock, scheduler, told, files } = bench(t);
    batch.launch([launch(0)]);
    await clock.advance(0);
    told();
    scheduler.reports.set('1', COMPLETED);
    await clock.advance(SLEEP);
    assert.deepEqual(told(), [['dropped', 0, '']]);
    assert.ok(files.isRevoked(`${TOKEN}.0.1`), 'no job can begin it any more');
  });

  it('calls nothing finished that has left no record of its end, and says so only after a while', async (t) => {
    const { batch, clock, scheduler, told, claims } = bench(t);
    batch.launch([launch(0)]);
    await clock.advance(0);
    told();
    claims(0, '1');
    scheduler.reports.set('1', COMPLETED);
    await clock.advance(MISSING_PATIENCE.ms);
    assert.deepEqual(told(), []);
    await clock.advance(SLEEP * 2);
    assert.deepEqual(told(), [['lost', 0, '']]);
  });

  it('watches two attempts that a scheduler without memory has given one id', async (t) => {
    const { clock, told, make, ends } = bench(t);
    make().adopt([0, 1].map((step) => ({ step, number: 1, token: `${TOKEN}.${step}.1`, job: '5' })));
    for (const step of [0, 1]) ends(step, 0);
    await clock.advance(SLEEP);
    assert.deepEqual(told(), [
      ['concluded', 0, ''],
      ['concluded', 1, ''],
    ]);
  });

  it('takes an attempt away from a conductor that is only stopped before it calls it dropped', async (t) => {
    const { told, make, files } = bench(t);
    make().adopt([{ step: 2, number: 1, token: `${TOKEN}.2.1`, job: null }]);
    assert.deepEqual(told(), [['dropped', 2, '']]);
    assert.ok(files.isRevoked(`${TOKEN}.2.1`));
  });

  it('believes a job’s own record where the scheduler has forgotten it', async (t) => {
    const { batch, clock, scheduler, seen, files } = bench(t);
    batch.launch([launch(0)]);
    await clock.advance(0);
    scheduler.reports.clear();
    writeFileSync(join(files.directory, `${TOKEN}.0.1.exit`), '3 100 160\n');
    await clock.advance(SLEEP);
    const last = seen.at(-1)!;
    assert.equal(last.kind, 'concluded');
    assert.deepEqual(last.kind === 'concluded' && [last.outcome, last.exit, last.startedAt, last.at], [
      'FAILED',
      { code: 3 },
      100_000,
      160_000,
    ]);
  });

  it('calls a job lost only if it had begun and left no record; one that had not begun is dropped', async (t) => {
    const { batch, clock, scheduler, told, files } = bench(t);
    batch.launch([launch(0), launch(1)]);
    await clock.advance(0);
    told();
    scheduler.reports.clear();
    writeFileSync(join(files.directory, `${TOKEN}.0.1.claim`), '1\n');
    await clock.advance(MISSING_PATIENCE.ms / 2);
    assert.deepEqual(told(), []);
    await clock.advance(MISSING_PATIENCE.ms);
    assert.deepEqual(told(), [
      ['lost', 0, ''],
      ['dropped', 1, ''],
    ]);
  });

  it('tells a refusal with the scheduler’s words, and tries the members of a refused array alone', async (t) => {
    const { batch, clock, scheduler, seen, told } = bench(t);
    scheduler.limit = 10;
    scheduler.next = [
      { kind: 'rejected', words: 'array too large' },
      { kind: 'rejected', words: 'Requested node configuration is not available' },
    ];
    batch.launch([launch(0), launch(1)]);
    await clock.advance(0);
    const [first] = seen;
    assert.equal(first!.kind === 'rejected' && first!.words, 'Requested node configuration is not available');
    assert.deepEqual(told(), [
      ['rejected', 0, ''],
      ['accepted', 1, '1'],
    ]);
  });

  it('keeps what a limit on the user’s jobs refuses, and submits it later', async (t) => {
    const { batch, clock, scheduler, told } = bench(t);
    scheduler.next = [{ kind: 'rejected', words: 'QOSMaxSubmitJobPerUserLimit' }];
    batch.launch([launch(0)]);
    await clock.advance(0);
    assert.deepEqual(told(), []);
    await clock.advance(PAUSE_MS.first);
    assert.deepEqual(told(), [['accepted', 0, '1']]);
  });

  it('cancels what is queued, what is known and what is still being looked for', async (t) => {
    const { batch, clock, scheduler, told } = bench(t);
    scheduler.next = [{ kind: 'lost' }];
    batch.launch([launch(0)]);
    await clock.advance(0);
    batch.cancel([{ step: 0, number: 1 }]);
    await clock.advance(SLEEP);
    assert.deepEqual(scheduler.cancelled, ['1']);
    assert.deepEqual(told(), [
      ['accepted', 0, '1'],
      ['concluded', 0, ''],
    ]);
  });

  it('takes over from a conductor that died: with an id it polls, without one it searches or drops', async (t) => {
    const { batch, clock, scheduler, told, make } = bench(t);
    scheduler.next = [{ kind: 'lost' }];
    batch.launch([launch(0)]);
    batch.launch([launch(1)]);
    await clock.advance(0);
    batch.close();
    told();
    const token = (step: number): string => attemptToken(TOKEN, { step, number: 1 });
    const jobs = [null, '2', null];
    make().adopt(jobs.map((job, step) => ({ step, number: 1, token: token(step), job })));
    assert.deepEqual(told(), [['dropped', 2, '']], 'what is in no job script was never submitted');
    await clock.advance(0);
    assert.deepEqual(told(), [
      ['accepted', 0, '1'],
      ['reported', 1, ''],
      ['reported', 0, ''],
    ]);
  });

  it('takes back what has not been submitted when it is closed', async (t) => {
    const { batch, clock, scheduler, told } = bench(t);
    scheduler.next = [{ kind: 'rejected', words: 'QOSMaxSubmitJobPerUserLimit' }];
    batch.launch([launch(0)]);
    await clock.advance(0);
    batch.close();
    assert.deepEqual(told(), [['dropped', 0, '']]);
  });
});
