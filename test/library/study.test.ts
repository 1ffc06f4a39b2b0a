import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  ParameterGenerator,
  Study,
  type StudyChange,
  StudyError,
  type StudyStatus,
} from '../../src/library/main.ts';
import { gated, openGate } from '../e2e/gate.ts';
import { makePlace, type Place } from '../e2e/harness.ts';

/** A place of a test's own. What the library starts in it is found and ended as what commands start. */
function placeOf(test: TestContext): Place {
  const place = makePlace(test);
  process.env.XDG_STATE_HOME = join(dirname(place.directory), 'state');
  return place;
}

const PARAMETERS = { 'global.parameters': { N: { values: [1, 2, 3], label: 'N.%%' } } };

/** Three steps, and one that awaits them all. */
function fanIn(place: Place): string {
  const steps = [
    { name: 'count', cmd: 'echo $(N) > n' },
    { name: 'add', cmd: 'cat "$(count.workspace)"/*/n > all', depends: ['count_*'] },
  ];
  return place.specification(steps, PARAMETERS);
}

const codeIs = (code: string) => (error: unknown) => error instanceof StudyError && error.code === code;

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

test('a bad specification is told as diagnostics with their places, and nothing is written', async (t) => {
  const place = placeOf(t);
  const file = place.specification([{ name: 'a', cmd: 'true', depends: ['b'] }]);
  const loaded = Study.load(file, { directory: place.path('out') });
  const error = await loaded.catch((why: unknown) => why);
  assert.ok(error instanceof StudyError);
  assert.equal(error.code, 'bad-specification');
  assert.equal(error.diagnostics.length, 1);
  const { at, message } = error.diagnostics[0]!;
  assert.ok(error.message.startsWith(`${at.file}:${at.line}:${at.column}: ${message}`), error.message);
  assert.deepEqual(readdirSync(place.directory), ['study.yaml']);
});

test('a study expands to steps with their parents, parameters and scripts, and nothing is written', async (t) => {
  const place = placeOf(t);
  const study = await Study.load(fanIn(place), { directory: place.path('out') });
  assert.equal(study.name, 'trial');
  assert.equal(study.size, 4);
  const steps = [...study.expand()];
  assert.deepEqual(
    steps.map(({ name, step, parameters, parents }) => ({ name, step, parameters, parents })),
    [
      { name: 'count_N.1', step: 'count', parameters: { N: '1' }, parents: [] },
      { name: 'count_N.2', step: 'count', parameters: { N: '2' }, parents: [] },
      { name: 'count_N.3', step: 'count', parameters: { N: '3' }, parents: [] },
      { name: 'add', step: 'add', parameters: {}, parents: ['count_N.1', 'count_N.2', 'count_N.3'] },
    ],
  );
  assert.equal(steps[1]?.workspace, place.path('out', 'count', 'N.2'));
  assert.equal(steps[1]?.script, '#!/bin/bash\n\necho 2 > n\n');
  assert.deepEqual(readdirSync(place.directory), ['study.yaml']);
});

test('parameters come from the program, checked as those of a generator', async (t) => {
  const place = placeOf(t);
  const file = fanIn(place);
  const given = await Study.load(file, { parameters: { N: { values: [0.5, true], label: 'n%%' } } });
  const names = [...given.expand()].map(({ name }) => name);
  assert.deepEqual(names, ['count_n0.5', 'count_nTrue', 'add']);
  const made = await Study.load(file, { parameters: new ParameterGenerator().addParameter('N', [7]) });
  assert.deepEqual([...made.expand()][0]?.parameters, { N: '7' });
  const uneven = { N: { values: [1, 2] }, M: { values: [1] } };
  await assert.rejects(Study.load(file, { parameters: uneven }), (error: StudyError) => {
    return codeIs('impossible')(error) && error.message.startsWith('parameter M has 1 values, N has 2');
  });
  await assert.rejects(Study.load(file, { parameters: {} }), codeIs('impossible'));
});

test('a study is conducted by this process, watched from the start, and waited for', async (t) => {
  const place = placeOf(t);
  const study = await Study.load(fanIn(place), { directory: place.path('out') });
  const run = await study.run({ foreground: true });
  const changes = await all(run.watch());
  const status = await run.wait();
  assert.deepEqual([status.state, status.total, status.done], ['finished', 4, 4]);
  assert.deepEqual(status.counts, { FINISHED: 4 });
  assert.deepEqual(changes.at(-1), { kind: 'end', state: 'finished' });
  const finished = changes.flatMap((change) =>
    change.kind === 'step' && change.to === 'FINISHED' ? [change.step] : [],
  );
  assert.deepEqual(finished.toSorted(), ['add', 'count_N.1', 'count_N.2', 'count_N.3']);
  assert.equal(finished.at(-1), 'add');
  assert.equal(readFileSync(place.path('out', 'add', 'all'), 'utf8'), '1\n2\n3\n');
});

test('a detached conductor outlives the call, and the directory says the same to whoever opens it', async (t) => {
  const place = placeOf(t);
  const file = place.specification([gated('a'), { name: 'b', cmd: 'true', depends: ['a'] }]);
  const run = await (await Study.load(file, { directory: place.path('out') })).run();
  const opened = await Study.open(place.path('out'));
  const before = await opened.status();
  assert.equal(before.state, 'running');
  assert.notEqual(before.conductor?.pid, process.pid);
  const seen: StudyStatus[] = [];
  const ended = run.wait({ onProgress: (status) => seen.push(status) });
  openGate(place.study());
  assert.equal((await ended).state, 'finished');
  assert.equal(seen[0]?.done, 0);
  assert.deepEqual(
    (await opened.steps()).map(({ name, state, workspace, attempts }) => [name, state, workspace, attempts]),
    [
      ['a', 'FINISHED', place.path('out', 'a'), 1],
      ['b', 'FINISHED', place.path('out', 'b'), 1],
    ],
  );
  const [first, ...rest] = await all(opened.watch());
  assert.ok(first !== undefined && 'id' in first);
  assert.deepEqual(await all(opened.watch({ after: first.id })), rest);
});

test('a directory that exists is replaced only when that is asked for', async (t) => {
  const place = placeOf(t);
  const study = await Study.load(fanIn(place), { directory: place.path('out') });
  await (await study.run({ foreground: true })).wait();
  const marked = place.path('out', 'mine');
  writeFileSync(marked, '');
  await assert.rejects(study.run(), codeIs('directory-exists'));
  assert.ok(existsSync(marked));
  const again = await study.run({ replace: true, dry: true });
  assert.equal((await again.status()).state, 'dry');
  assert.ok(!existsSync(marked));
});

test('what failed is run again once it is mended', async (t) => {
  const place = placeOf(t);
  const steps = [
    { name: 'a', cmd: 'test -e "$(OUTPUT_PATH)/mended"' },
    { name: 'b', cmd: 'true', depends: ['a'] },
    { name: 'c', cmd: 'true' },
  ];
  const study = await Study.load(place.specification(steps), { directory: place.path('out') });
  const run = await study.run({ foreground: true });
  assert.equal((await run.wait()).state, 'failed');
  await assert.rejects(run.retry({ step: 'z*' }), codeIs('no-such-step'));
  const only = true;
  await assert.rejects(run.retry({ step: 'b', only }), codeIs('refused'));
  writeFileSync(place.path('out', 'mended'), '');
  assert.deepEqual(await run.retry(), { count: 2, refused: [] });
  const opened = await Study.open(run.path);
  assert.equal((await opened.wait()).state, 'finished');
  assert.deepEqual(
    (await opened.steps({ step: ['a', 'b', 'c'] })).map(({ name, attempts }) => [name, attempts]).toSorted(),
    [
      ['a', 2],
      ['b', 1],
      ['c', 1],
    ],
  );
});

test('a study is paused, resumed and cancelled, and says when it has ended', async (t) => {
  const place = placeOf(t);
  const file = place.specification([gated('a'), { name: 'b', cmd: 'true', depends: ['a'] }]);
  const run = await (await Study.load(file, { directory: place.path('out') })).run();
  await run.pause();
  assert.equal((await run.status()).isPaused, true);
  await run.resume();
  assert.equal((await run.status()).isPaused, false);
  await run.cancel({ step: 'b' });
  assert.deepEqual(
    (await run.steps({ state: 'CANCELLED' })).map(({ name }) => name),
    ['b'],
  );
  await run.cancel();
  assert.equal((await run.wait()).state, 'cancelled');
  for (const late of [() => run.cancel(), () => run.pause(), () => run.resume()])
    await assert.rejects(late(), codeIs('has-ended'));
});

test('an aborted foreground leaves its running step to whoever resumes the study', async (t) => {
  const place = placeOf(t);
  const study = await Study.load(place.specification([gated('a')]), { directory: place.path('out') });
  const abort = new AbortController();
  const run = await study.run({ foreground: true, signal: abort.signal });
  const looked = place.study();
  await looked.until('the step runs', () => looked.lines('trace').length > 0);
  abort.abort();
  await assert.rejects(run.wait(), { name: 'AbortError' });
  const opened = await Study.open(run.path);
  await assert.rejects(opened.wait(), codeIs('not-conducted'));
  await opened.resume();
  openGate(looked);
  assert.equal((await opened.wait()).state, 'finished');
  assert.deepEqual(looked.lines('trace'), ['begin a', 'end a']);
});

test('watching and waiting end with the signal, and the study goes on', async (t) => {
  const place = placeOf(t);
  const file = place.specification([gated('a')]);
  const run = await (await Study.load(file, { directory: place.path('out') })).run();
  const abort = new AbortController();
  const seen: StudyChange[] = [];
  const watching = (async () => {
    for await (const change of run.watch({ signal: abort.signal })) {
      seen.push(change);
      if (change.kind === 'step' && change.to === 'RUNNING') abort.abort();
    }
  })();
  await assert.rejects(watching, { name: 'AbortError' });
  await assert.rejects(run.wait({ signal: abort.signal }), { name: 'AbortError' });
  assert.equal((await run.status()).state, 'running');
  openGate(place.study());
  assert.equal((await run.wait()).state, 'finished');
});

test('nothing is left of a directory whose making is aborted, and no study is where there is none', async (t) => {
  const place = placeOf(t);
  const study = await Study.load(fanIn(place), { directory: place.path('out') });
  await assert.rejects(study.run({ signal: AbortSignal.abort() }), { name: 'AbortError' });
  assert.deepEqual(readdirSync(place.directory), ['study.yaml']);
  await assert.rejects(Study.open(place.directory), codeIs('no-study'));
});
