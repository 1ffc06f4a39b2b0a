import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explain } from '../../../src/cli/explain/explain.ts';
import type { StepFacts } from '../../../src/cli/explain/facts.ts';
import type { Retry } from '../../../src/shared/spec/specification.ts';
import { attemptOf, factsOf, NOON } from './facts-of-test.ts';

const say = (rest: Partial<StepFacts>): string => explain(factsOf(rest)).sentences.join(' ');
const commands = (rest: Partial<StepFacts>): string[] =>
  explain(factsOf(rest)).mends.map(({ command }) => command);

const study = factsOf().study;
const open = { outcome: null, endedAt: null, exitCode: null, why: undefined } as const;

describe('a step that waits', () => {
  it('names the steps before it that have not finished', () => {
    const shown = [
      { name: 'a', state: 'RUNNING' },
      { name: 'b', state: 'INITIALIZED' },
    ] as const;
    const unfinished = new Map([
      ['RUNNING', 1],
      ['INITIALIZED', 1],
    ] as const);
    assert.equal(
      say({ parents: { total: 3, unfinished, shown } }),
      'It waits for 2 of the 3 steps before it: a (RUNNING), b (INITIALIZED).',
    );
    const one = { total: 1, unfinished: new Map([['RUNNING', 1]] as const), shown: shown.slice(0, 1) };
    assert.equal(say({ parents: one }), 'It waits for a (RUNNING).');
  });

  it('counts them where they are many', () => {
    const unfinished = new Map([
      ['RUNNING', 4],
      ['INITIALIZED', 1996],
    ] as const);
    const shown = [{ name: 'a', state: 'RUNNING' }] as const;
    assert.equal(
      say({ parents: { total: 2000, unfinished, shown } }),
      'It waits for all 2,000 steps before it: INITIALIZED 1,996 · RUNNING 4, such as a (RUNNING).',
    );
    assert.match(say({ parents: { total: 3000, unfinished, shown } }), /^It waits for 2,000 of 3,000 steps/);
  });

  it('says what else keeps it, the widest reason first', () => {
    assert.match(say({}), /waits for its turn: 2 steps are in flight/);
    assert.match(say({ isScheduled: true }), /about to be submitted; 2 steps are in flight/);
    const throttled = { ...study, throttle: 2 };
    assert.match(say({ study: throttled }), /The throttle lets 2 steps be in flight at once, and 2 are\./);
    assert.deepEqual(commands({ study: throttled }), ['maestro update --throttle 0 /studies/heat']);
    const outage = 'cannot start: its output files cannot be opened (ENOSPC)';
    assert.match(say({ study: throttled, outage }), /This machine cannot start steps .*ENOSPC/);
    const paused = { ...throttled, isPaused: true };
    assert.match(say({ study: paused, outage }), /The study is paused/);
    assert.deepEqual(commands({ study: paused }), ['maestro resume /studies/heat']);
    const stopped = { ...paused, state: 'stopped' } as const;
    assert.match(say({ study: stopped }), /Nobody conducts the study/);
    assert.deepEqual(commands({ study: stopped }), ['maestro resume /studies/heat']);
  });

  it('knows a scheduler that does not answer, but only where the step goes to it', () => {
    const schedulerTrouble = 'squeue: error: timed out';
    assert.match(
      say({ schedulerTrouble, isScheduled: true }),
      /does not answer at the moment \(squeue: error/,
    );
    assert.doesNotMatch(say({ schedulerTrouble }), /does not answer/);
  });

  it('tells of its last attempt, and that there will be another', () => {
    const last = { at: NOON, from: 'FAILED', why: 'try 2 of 3' } as const;
    const said = say({ attempts: [attemptOf()], last });
    assert.match(
      said,
      /^Attempt 1 failed at 11:59:00 after 1m: exit code 3\. It waits to be tried again: try 2 of 3\./,
    );
  });

  it('that asks for gpus of which none are to be used says so', () => {
    assert.match(say({ isWithoutGpus: true }), /It asks for GPUs, and the study is to use none of them/);
  });

  it('that waits for its next try says until when, unless something else keeps it', () => {
    const last = { at: NOON, from: 'FAILED', why: 'try 2 of 3, in 30 s' } as const;
    const waits = { attempts: [attemptOf()], last, notBefore: NOON + 27_000 };
    assert.match(
      say(waits),
      /tried again: try 2 of 3, in 30 s\. That is at 12:00:27, in 27s: there is a pause before each further try\.$/,
    );
    const study = { state: 'stopped', isPaused: false, throttle: 0, inFlight: 0 } as const;
    assert.match(say({ ...waits, study }), /Nobody conducts the study, so nothing is started\.$/);
    assert.match(say({ ...waits, notBefore: NOON - 1 }), /waits for its turn/);
  });

  it('that a scheduler has refused waits for a while', () => {
    const notBefore = NOON + 5_000;
    const refused = attemptOf({ startedAt: null, exitCode: null, why: 'not accepted: Invalid partition' });
    const last = { at: NOON, from: 'FAILED', why: 'try 2 of 3' } as const;
    const said = say({ attempts: [refused], last, isScheduled: true, notBefore });
    assert.match(said, /Attempt 1 did not start: not accepted: Invalid partition\./);
    assert.match(said, /That is at 12:00:05, in 5s/);
  });

  it('that was dropped is not told twice', () => {
    const why = 'taken back before it was started';
    const dropped = attemptOf({ startedAt: null, outcome: 'DROPPED', exitCode: null, why });
    const said = say({ attempts: [dropped], last: { at: NOON, from: 'PENDING', why } });
    assert.match(said, /^Attempt 1 was never started, which counts for nothing: taken back/);
    assert.doesNotMatch(said, /tried again/);
  });
});

describe('a step in flight', () => {
  it('runs since, where, and for how long it still may', () => {
    const attempt = attemptOf({ ...open, number: 2, walltimeMs: 300_000 });
    assert.equal(
      say({ state: 'RUNNING', attempts: [attempt] }),
      'Attempt 2 has run for 2m, since 11:58:00, as process 4711 on host node7. Its walltime is 5m: 3m are left.',
    );
    assert.deepEqual(commands({ state: 'RUNNING', attempts: [attempt] }), [
      'maestro logs -f /studies/heat run_SIZE.10',
    ]);
  });

  it('in a queue repeats what the scheduler says', () => {
    const attempts = [attemptOf({ ...open, startedAt: null })];
    const last = { at: NOON, from: 'PENDING', why: 'PENDING (Priority)' } as const;
    assert.equal(
      say({ state: 'QUEUED', attempts, last, isScheduled: true }),
      'Attempt 1 is job 4711 of the scheduler, submitted 2m 1s ago. The scheduler says: PENDING (Priority).',
    );
  });

  it('handed over waits for cores, or for an answer', () => {
    const attempts = [attemptOf({ ...open, startedAt: null, job: null })];
    assert.match(say({ state: 'PENDING', attempts }), /with the step runner for 2m 1s: .*cores are free/);
    assert.match(say({ state: 'PENDING', attempts, isScheduled: true }), /not yet said that it has it/);
  });
});

describe('a step that did not finish', () => {
  it('failed with an exit code, and used so much', () => {
    const attempts = [attemptOf({ maxRssKib: 1_500_000, userMs: 50_000, systemMs: 1000 })];
    const facts = {
      state: 'FAILED',
      attempts,
      last: { at: NOON, from: 'RUNNING', why: 'exit code 3' },
    } as const;
    assert.equal(
      say(facts),
      'Attempt 1 failed at 11:59:00 after 1m: exit code 3. It used up to 1.4 GiB of memory and 51s of CPU time.',
    );
    assert.deepEqual(commands(facts), [
      'maestro logs --err /studies/heat run_SIZE.10',
      'maestro retry --step run_SIZE.10 /studies/heat',
    ]);
  });

  it('repeats the scheduler’s words, and what was decided after the last attempt', () => {
    const attempts = [attemptOf({ outcome: 'TIMEDOUT', exitCode: null, why: 'TIMEOUT', walltimeMs: 60_000 })];
    const why = 'timed out after 1 restart, the limit (rlimit)';
    const said = say({
      state: 'FAILED',
      attempts,
      last: { at: NOON, from: 'TIMEDOUT', why },
      isScheduled: true,
    });
    assert.match(
      said,
      /reached its walltime of 1m and was ended at 11:59:00 after 1m \(the scheduler: TIMEOUT\)\./,
    );
    assert.match(said, /Then: timed out after 1 restart/);
  });

  it('says why its retry does not try it again', () => {
    const last = { at: NOON, from: 'RUNNING', why: 'exit code 3' } as const;
    const failed = (retry: Retry) => say({ state: 'FAILED', attempts: [attemptOf()], last, retry });
    assert.match(failed({ attempts: 3 }), / Its retry allows 3 tries and no more\.$/);
    assert.match(failed({ attempts: 1 }), / Its retry allows one try and no more\.$/);
    assert.match(failed({ backoffMs: 1 }), / The limit of tries \(attempts\) is reached\.$/);
    assert.match(
      failed({ on: [75, 'TIMEDOUT'] }),
      / Its retry is for exit code 75, TIMEDOUT, so it is not tried again\.$/,
    );
    const lost = attemptOf({ outcome: 'UNKNOWN', exitCode: null, why: 'gone' });
    assert.doesNotMatch(
      say({ state: 'FAILED', attempts: [lost], last, retry: { attempts: 3 } }),
      /Its retry/,
    );
  });

  it('is not blamed for those before it', () => {
    const facts = {
      state: 'FAILED',
      last: { at: NOON, from: 'INITIALIZED', why: 'mesh did not finish' },
      culprits: { total: 7, shown: [{ name: 'mesh', state: 'FAILED', why: 'exit code 1' }] },
      output: { stream: 'err', file: '/f', lines: ['old'], isCut: false },
    } as const;
    assert.equal(
      say(facts),
      'It was not started, because what it depends on did not finish: mesh is FAILED (exit code 1), and 6 more.',
    );
    assert.deepEqual(commands(facts), ['maestro explain /studies/heat mesh', 'maestro retry /studies/heat']);
    assert.equal(explain(factsOf(facts)).output, undefined);
  });

  it('was cancelled before it began', () => {
    const last = { at: NOON, from: 'INITIALIZED', why: 'the study was cancelled' } as const;
    assert.equal(
      say({ state: 'CANCELLED', last }),
      'It was cancelled before it was started: the study was cancelled.',
    );
    assert.deepEqual(commands({ state: 'CANCELLED', last }), [
      'maestro retry --step run_SIZE.10 /studies/heat',
    ]);
  });

  it('whose end nobody knows was not run again unasked', () => {
    const attempts = [attemptOf({ outcome: 'UNKNOWN', exitCode: null, why: 'its runner is gone' })];
    const last = { at: NOON, from: 'UNKNOWN', why: 'how it ended is unknown' } as const;
    assert.match(
      say({ state: 'FAILED', attempts, last }),
      /How attempt 1 ended is unknown: its runner is gone\. It may have done its work, so it is not run again unasked\./,
    );
  });

  it('was tried often: the newest attempts are told', () => {
    const attempts = Array.from({ length: 9 }, (_, index) => attemptOf({ number: index + 1 }));
    const said = say({ state: 'FAILED', attempts, last: { at: NOON, from: 'RUNNING', why: 'exit code 3' } });
    assert.match(said, /^There were 5 attempts before these\. Attempt 6 failed .* Attempt 9 failed /);
  });
});

describe('a step that finished', () => {
  it('can be run again with all that follows', () => {
    const attempts = [
      attemptOf(),
      attemptOf({ number: 2, outcome: 'FINISHED', exitCode: 0, script: 'restart' }),
    ];
    const facts = { state: 'FINISHED', attempts } as const;
    assert.match(say(facts), /Attempt 2 finished at 11:59:00 after 1m of its restart script\./);
    assert.deepEqual(commands(facts), ['maestro retry --from run_SIZE.10 /studies/heat']);
  });
});

it('every state has something to say, or has said it with the attempt', () => {
  const attempts = [attemptOf({ outcome: 'HWFAILURE', exitCode: null, why: 'node7 is down' })];
  const last = { at: NOON, from: 'RUNNING', why: 'node7 is down' } as const;
  for (const state of ['HWFAILURE', 'UNKNOWN', 'NOTFOUND', 'INCOMPLETE', 'DRYRUN', 'TIMEDOUT'] as const) {
    assert.match(say({ state, attempts, last }), /lost at 11:59:00 .* by no fault of its own: node7 is down/);
  }
});
