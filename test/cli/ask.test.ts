import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { pipedQuestions, type Questions } from '../../src/cli/ask.ts';

const MEND = 'answer beforehand with -y';
/** Long enough never to pass while a test runs. */
const NEVER_MS = 2 ** 30;

const asking = (input: Readable, timeoutMs = NEVER_MS): Questions =>
  pipedQuestions({ input, output: new PassThrough().resume(), mend: MEND, timeoutMs });

const piped = (text: string): Questions => asking(Readable.from([text]));

test('y and yes in any case are yes, all else is no', async () => {
  for (const answer of ['y', 'Y', 'yes', 'YES', ' Yes '])
    assert.ok(await piped(`${answer}\n`).confirm('Go?'));
  for (const answer of ['n', 'no', '', 'yep', 'yy', '1'])
    assert.ok(!(await piped(`${answer}\n`).confirm('Go?')));
});

test('each question takes a line, however the input is cut', async () => {
  const questions = asking(Readable.from(['n', 'o\ny\nye', 's']));
  assert.equal(await questions.confirm('1?'), false);
  assert.equal(await questions.confirm('2?'), true);
  assert.equal(await questions.confirm('3?'), true);
  await assert.rejects(questions.confirm('4?'), /no answer on the standard input/);
});

test('an input that never ends is read only as far as it is asked', async () => {
  let chunks = 0;
  const endless = Readable.from(
    (function* () {
      for (;;) {
        chunks++;
        yield 'y\n'.repeat(1000);
      }
    })(),
    { highWaterMark: 1 },
  );
  const questions = asking(endless);
  for (let question = 0; question < 500; question++) assert.ok(await questions.confirm('Go?'));
  questions.close();
  assert.ok(chunks < 10, `${chunks} chunks were read`);
});

test('no input is an error that names the options, not a wait', async () => {
  await assert.rejects(asking(Readable.from([])).confirm('Go?'), { mend: MEND });
});

test('an input that stays silent is given up', async () => {
  const silent = new PassThrough();
  await assert.rejects(asking(silent, 1).confirm('Go?'), { mend: MEND });
});

test('a choice is asked for again until it is one', async () => {
  const choices = [
    { value: 'throttle' as const, name: 'throttle: 0' },
    { value: 'quit' as const, name: 'quit' },
  ];
  assert.equal(await piped('what\n\nquit\n').choose('Which?', choices), 'quit');
  await assert.rejects(piped('what\n').choose('Which?', choices), { mend: MEND });
});
