import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makePlace, type Outcome, type Place, signal } from './harness.ts';
import { until } from './until.ts';

const TERMINAL = fileURLToPath(new URL('terminal.py', import.meta.url));

/** A step that runs until somebody opens its gate. */
const gated = (place: Place, name: string) => {
  const gate = place.path(`${name}.gate`);
  execFileSync('mkfifo', [gate]);
  return {
    step: { name, cmd: `echo began; cat "${gate}"; echo ended` },
    open: () => writeFileSync(gate, ''),
  };
};

const two = [
  { name: 'first', cmd: 'echo out; echo err >&2' },
  { name: 'second', cmd: 'test -e nothing', depends: ['first'] },
];

/** A failing command says one line, and never a stack. */
function assertRefused({ code, stdout, stderr }: Outcome, line: RegExp): void {
  assert.equal(code, 1, stderr);
  assert.match(stderr, line);
  assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  assert.equal(stdout, '');
}

/** Runs a command as `printf INPUT | maestro …`. */
const piped = (input: string) => ({ under: ['sh', '-c', `printf '${input}' | "$@"`, 'sh'] });

/** A command on a terminal of its own. */
function startOnTerminal(place: Place, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const [keys, screen] = [place.path('keys'), place.path('screen')];
  execFileSync('mkfifo', [keys]);
  // The keys are opened for both, so that neither opening them nor the last one ends the input.
  const script = 'keys=$1 screen=$2; shift 2; exec python3 "$@" <>"$keys" >"$screen"';
  const { ended } = place.start(args, {
    under: ['sh', '-c', script, 'sh', keys, screen, TERMINAL],
    env: { TERM: 'xterm', NO_COLOR: '', ...env },
  });
  return {
    ended,
    screen: () => (existsSync(screen) ? readFileSync(screen, 'utf8') : ''),
    press: (text: string) => writeFileSync(keys, text),
  };
}

describe('a study from its start to its end', () => {
  test('in the foreground it tells each change of state, and its exit code how it ended', async (t) => {
    const place = makePlace(t);
    const file = place.specification(two.slice(0, 1));
    const { code, stdout } = await place.maestro(['run', '-y', '-fg', '-o', 'out', file]);
    assert.equal(code, 0);
    assert.match(stdout, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d first: PENDING -> RUNNING \(process \d+\)$/m);
    assert.match(stdout, /^trial · finished · 1 of 1 steps \(100 %\) · took /m);
  });

  test('a failed step is found by status, and its output by logs', async (t) => {
    const place = makePlace(t);
    const { code, stdout } = await place.maestro([
      'run',
      '-y',
      '--fg',
      '-o',
      'out',
      place.specification(two),
    ]);
    assert.equal(code, 2);
    assert.match(stdout, /second: RUNNING -> FAILED \(exit code 1\)/);

    const json = await place.maestro(['status', '--json', '--state', 'failed', 'out']);
    const [study] = JSON.parse(json.stdout).studies;
    assert.equal(study.state, 'failed');
    assert.deepEqual(study.counts, { FINISHED: 1, FAILED: 1 });
    assert.deepEqual(
      study.steps.map((step: { name: string }) => step.name),
      ['second'],
    );
    assert.equal((await place.maestro(['logs', 'out', 'first'])).stdout, 'out\n');
    assert.equal((await place.maestro(['logs', '--err', 'out', 'first'])).stdout, 'err\n');
    assert.match(
      (await place.maestro(['logs', '--err', 'out', '*'])).stdout,
      /^==> first\.\d+\.err <==\nerr\n$/,
    );
    assert.match((await place.maestro(['logs', 'out'])).stdout, /second: RUNNING -> FAILED/);
  });

  test('options before the command count', async (t) => {
    const place = makePlace(t);
    const file = place.specification(two.slice(0, 1));
    const { code, stdout } = await place.maestro([
      '-c',
      '-l',
      'elsewhere',
      'run',
      '-y',
      '-fg',
      '-o',
      'out',
      file,
    ]);
    assert.equal(code, 0);
    assert.match(stdout, /^\[.*: INFO\] first: PENDING -> RUNNING/m);
    assert.deepEqual(readdirSync(place.path('elsewhere')), ['trial.log']);
    assertRefused(await place.maestro(['logs', 'out']), /^error: there is no log in .*--logpath/);
  });

  test('detached it is conducted, watched over, updated and cancelled', async (t) => {
    const place = makePlace(t);
    const gate = gated(place, 'wait');
    const study = await place.launch(place.specification([gate.step, ...two]));
    const conductor = study.conductor();

    const told = await place.maestro(['conductor', 'out', '--status']);
    assert.match(told.stdout, new RegExp(`^conducted by pid ${conductor} on host `, 'm'));
    assert.match(told.stdout, /^ {2}heartbeat {2}\S+ ago$/m);
    assert.match(
      (await place.maestro(['resume', 'out'])).stdout,
      new RegExp(`is conducted by pid ${conductor} `),
    );
    const again = await place.maestro(['run', '-y', '-o', 'out', place.path('study.yaml')]);
    assertRefused(again, /being conducted/);

    await study.until('the step runs', () => study.stateOf('wait') === 'RUNNING');
    const update = await place.maestro(['update', '--throttle', '0', '--rlimit', '7', 'out']);
    assert.equal(update.code, 0);
    await study.until('the limits are changed', () => study.events().some(({ why }) => /rlimit 7/.test(why)));

    const cancel = await place.maestro(['cancel', '-y', 'out']);
    assert.equal(cancel.code, 0);
    assert.match(cancel.stdout, /has ended: cancelled$/m);
    assert.equal(study.stateOf('wait'), 'CANCELLED');
    assert.match((await place.maestro(['resume', 'out'])).stdout, /has ended: cancelled/);
    assert.match((await place.maestro(['cancel', '-y', 'out'])).stdout, /has ended: cancelled/);
    assertRefused(
      await place.maestro(['update', '--sleep', '1', 'out']),
      /has ended \(cancelled\); there is nothing/,
    );
  });

  test('without a conductor a study says so, and resume goes on', async (t) => {
    const place = makePlace(t);
    const gate = gated(place, 'wait');
    const study = await place.launch(place.specification([gate.step]));
    await study.until('the step runs', () => study.stateOf('wait') === 'RUNNING');
    const conductor = study.conductor();
    signal(conductor, 'SIGKILL');
    await until('it is gone', () => !signal(conductor, 0 as unknown as NodeJS.Signals));

    const status = await place.maestro(['status', 'out']);
    assert.match(status.stdout, /^trial · stopped · 0 of 1 steps/);
    assert.match(status.stdout, /no conductor: pid \d+ on host .* has died; `maestro resume '.*` goes on/);
    assert.match(
      (await place.maestro(['resume', 'out'])).stdout,
      /goes on, 1 step to go, conducted by process \d+/,
    );
    const follow = place.start(['logs', '-f', 'out', 'wait']);
    gate.open();
    assert.equal(await study.untilEnded(), 'finished');
    assert.equal((await follow.ended).stdout, 'began\nended\n');
  });

  test('a study that nobody conducts can be cancelled', async (t) => {
    const place = makePlace(t);
    const gate = gated(place, 'wait');
    const study = await place.launch(place.specification([gate.step]));
    await study.until('the step runs', () => study.stateOf('wait') === 'RUNNING');
    signal(study.conductor(), 'SIGTERM');
    await study.until('the conductor has left', () => study.lease()?.releasedAt !== undefined);
    const { code, stdout } = await place.maestro(['cancel', '-y', 'out']);
    assert.equal(code, 0);
    assert.match(stdout, /has ended: cancelled/);
  });

  test('Ctrl-C in the foreground leaves what runs running, for resume to take over', async (t) => {
    const place = makePlace(t);
    const gate = gated(place, 'wait');
    const run = place.start(['run', '-y', '-fg', '-o', 'out', place.specification([gate.step])]);
    const study = place.study();
    await until(
      'the step runs',
      () => existsSync(study.path('.maestro', 'study.db')) && study.stateOf('wait') === 'RUNNING',
    );
    signal(run.pid, 'SIGINT');
    const { code, stdout } = await run.ended;
    assert.equal(code, 130);
    assert.match(stdout, /^trial · stopped · /m);
    gate.open();
    assert.equal((await place.maestro(['resume', 'out'])).code, 0);
    assert.equal(await study.untilEnded(), 'finished');
    assert.equal(study.attempts('wait').length, 1);
  });

  test('Ctrl-C while a large study is written leaves nothing of it behind', async (t) => {
    const place = makePlace(t);
    const values = Array.from({ length: 50_000 }, (_, index) => index);
    const file = place.specification([{ name: 'many', cmd: 'echo $(I)' }], {
      'global.parameters': { I: { values, label: 'I.%%' } },
    });
    const run = place.start(['run', '--dry', '-o', 'out', file]);
    await until('it is being written', () => existsSync(place.path('out', 'many')));
    signal(run.pid, 'SIGINT');
    const { code, stdout, stderr } = await run.ended;
    assert.deepEqual([code, stdout, stderr], [130, '', '']);
    assert.deepEqual(readdirSync(place.directory), ['study.yaml']);
  });

  test('a dry run writes its scripts, starts nothing and asks nothing', async (t) => {
    const place = makePlace(t);
    const { code, stdout } = await place.maestro(['run', '--dry', '-o', 'out', place.specification(two)]);
    assert.equal(code, 0);
    assert.match(stdout, /^2 steps written, none run$/m);
    assert.ok(existsSync(place.path('out', 'first', 'first.sh')));
    assert.deepEqual(place.processes(), []);
    assert.match((await place.maestro(['status', '--summary', 'out'])).stdout, /^dry +2 of 2 .*DRYRUN 2/m);
  });
});

describe('questions', () => {
  test('a piped yes launches, in any of its forms', async (t) => {
    const place = makePlace(t);
    const file = place.specification(two.slice(0, 1));
    assert.equal((await place.maestro(['run', '-fg', '-o', 'out', file], piped('YES\\n'))).code, 0);
    const yes = { under: ['sh', '-c', 'yes | "$@"', 'sh'] };
    const { code, stderr } = await place.maestro(['run', '-fg', '-o', 'out', file], yes);
    assert.equal(code, 0);
    assert.match(stderr, /holds a study\. Overwrite it\? .*\n.*Launch it\?/);
  });

  test('any other answer leaves with 0 and nothing behind', async (t) => {
    const place = makePlace(t);
    const file = place.specification(two);
    for (const input of ['n\\n', 'maybe\\n', '\\n']) {
      assert.equal((await place.maestro(['run', '-o', 'out', file], piped(input))).code, 0);
    }
    assert.equal((await place.maestro(['run', '-n', '-o', 'out', file])).code, 0);
    assert.deepEqual(readdirSync(place.directory), ['study.yaml']);
  });

  test('without input they are errors that name the options', async (t) => {
    const place = makePlace(t);
    const { code, stderr } = await place.maestro(['run', '-o', 'out', place.specification(two)]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /no answer on the standard input; answer beforehand with --autoyes \(-y\) or --autono \(-n\)/,
    );
    assert.deepEqual(readdirSync(place.directory), ['study.yaml']);
  });

  test('the menu of update takes piped lines', async (t) => {
    const place = makePlace(t);
    const gate = gated(place, 'wait');
    const study = await place.launch(place.specification([gate.step]));
    const lines = 'throttle\\nmany\\n3\\ndone\\n';
    const { code, stdout } = await place.maestro(['update', 'out'], piped(lines));
    assert.equal(code, 0);
    assert.match(stdout, /: throttle 3$/m);
    await study.until('the limits are changed', () =>
      study.events().some(({ why }) => /throttle 3/.test(why)),
    );
    gate.open();
    await study.untilEnded();
  });
});

describe('looking at studies', () => {
  test('list has the newest first, and forgets what is gone', async (t) => {
    const place = makePlace(t);
    const file = place.specification(two);
    for (const out of ['one', 'two']) await place.maestro(['run', '--dry', '-o', out, file]);
    const listed = async () =>
      JSON.parse((await place.maestro(['list', '--json'])).stdout).studies.map(
        (study: { directory: string }) => study.directory,
      );
    assert.deepEqual(await listed(), [place.path('two'), place.path('one')]);
    rmSync(place.path('two'), { recursive: true });
    assert.deepEqual(await listed(), [place.path('one')]);
    assert.match((await place.maestro(['list'])).stdout, /^trial +dry +2 of 2 /m);
  });

  test('a reader that leaves early is no error', async (t) => {
    const place = makePlace(t);
    const values = Array.from({ length: 3000 }, (_, index) => index);
    const file = place.specification([{ name: 'run', cmd: 'echo $(N)' }], {
      'global.parameters': { N: { values, label: 'N.%%' } },
    });
    await place.maestro(['run', '--dry', '-o', 'out', file]);
    const { code, stdout, stderr } = await place.maestro(['status', 'out'], {
      under: ['bash', '-c', 'set -o pipefail; "$@" | head -1', 'bash'],
    });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.match(stdout, /^trial · dry · 3,000 of 3,000 steps/);
    const chosen = await place.maestro(['status', '--param', 'N=17', '--layout', 'narrow', 'out']);
    assert.match(chosen.stdout, /^DRYRUN {2}run_N\.17$/m);
    assert.equal(chosen.stdout.match(/DRYRUN {2}/g)?.length, 1);
  });

  test('what is no study is told apart from those that are', async (t) => {
    const place = makePlace(t);
    await place.maestro(['run', '--dry', '-o', 'out', place.specification(two)]);
    const { code, stdout, stderr } = await place.maestro(['status', 'nothing', 'out', '.']);
    assert.equal(code, 1);
    assert.match(stdout, /^trial · dry/);
    assert.match(stderr, /^error: nothing does not exist; .*\nerror: \. is not a study directory; .*\n$/);
  });

  test('validate tells all problems, in words or as JSON, and writes nothing', async (t) => {
    const place = makePlace(t);
    place.specification(two);
    writeFileSync(place.path('bad.yaml'), 'description:\n  name: x\n  descripton: y\nstudy: []\n');
    const sound = await place.maestro(['validate', 'study.yaml']);
    assert.deepEqual(sound, { code: 0, stdout: 'study.yaml: 2 steps, no errors\n', stderr: '' });
    const both = await place.maestro(['validate', '--json', 'bad.yaml', 'study.yaml']);
    assert.equal(both.code, 1);
    const [bad, good] = JSON.parse(both.stdout).specifications;
    assert.deepEqual([bad.isValid, good.isValid, good.steps], [false, true, 2]);
    assert.ok(bad.diagnostics.some((found: { line: number }) => found.line === 3));
    assert.match((await place.maestro(['validate', 'bad.yaml'])).stderr, /^bad\.yaml:3:3: /m);
    assert.deepEqual(readdirSync(place.directory).sort(), ['bad.yaml', 'study.yaml']);
  });
});

describe('mistakes', () => {
  test('each is one line on stderr, and exit code 1', async (t) => {
    const place = makePlace(t);
    place.specification(two);
    assertRefused(
      await place.maestro(['stauts', 'x']),
      /^error: there is no command 'stauts'; did you mean 'status'\?/,
    );
    assertRefused(await place.maestro(['run', '--trottle', '1', 'study.yaml']), /did you mean --throttle\?/);
    assertRefused(await place.maestro(['run']), /^error: SPECIFICATION is missing/);
    assertRefused(
      await place.maestro(['status', '--state', 'done', 'x']),
      /^error: there is no state 'done'; states are/,
    );
    assertRefused(await place.maestro(['status', '--watch', 'x']), /^error: --watch needs a terminal/);
    assertRefused(
      await place.maestro(['update', '--throttle', '-1', 'x']),
      /^error: --throttle: Expected an integer/,
    );
    assertRefused(
      await place.maestro(['run', '-y', '-o', '.', 'study.yaml']),
      /exists and is no study directory/,
    );
    assertRefused(await place.maestro(['run', '-y', 'none.yaml']), /^none\.yaml:1:1: there is no such file/);
  });

  test('the version is one line, wherever it is asked for', async (t) => {
    const place = makePlace(t);
    for (const args of [['-v'], ['--version'], ['-d', '1', '--version']]) {
      assert.match((await place.maestro(args)).stdout, /^maestro-conductor \d+\.\d+\.\d+, node v.*\n$/);
    }
  });
});

describe('on a terminal', () => {
  test('a question is a prompt, and progress a block that is drawn over itself', async (t) => {
    const place = makePlace(t);
    const run = startOnTerminal(place, ['run', '-fg', '-o', 'out', place.specification(two)]);
    await until('it asks', () => run.screen().includes('Launch it?'));
    run.press('y\r');
    const { code } = await run.ended;
    assert.equal(code, 2, run.screen());
    assert.match(run.screen(), /━{10,}/);
    assert.match(run.screen(), /second: exit code 1/);
    assert.match(run.screen(), /what failed: `maestro status --state failed/);
  });

  test('Ctrl-C at a question leaves with 130', async (t) => {
    const place = makePlace(t);
    const run = startOnTerminal(place, ['run', '-o', 'out', place.specification(two)]);
    await until('it asks', () => run.screen().includes('Launch it?'));
    run.press('\x03');
    assert.equal((await run.ended).code, 130);
    assert.ok(!existsSync(place.path('out')));
  });

  test('status --watch draws changes until q, and gives the screen back', async (t) => {
    const place = makePlace(t);
    const gate = gated(place, 'wait');
    const study = await place.launch(place.specification([gate.step]));
    await study.until('the step runs', () => study.stateOf('wait') === 'RUNNING');
    const watch = startOnTerminal(place, ['status', '--watch', 'out']);
    await until('it shows the step', () => watch.screen().includes('RUNNING'));
    gate.open();
    await until('it shows the end', () => watch.screen().includes('FINISHED'));
    // An arrow is no key to leave by; a key is heard among others that come with it.
    watch.press('\x1b[A');
    watch.press('q\r');
    assert.equal((await watch.ended).code, 0);
    assert.ok(watch.screen().startsWith('\x1b[?1049h') && watch.screen().trimEnd().endsWith('\x1b[?1049l'));
  });

  test('status goes to the pager of the user, who may leave it early', async (t) => {
    const place = makePlace(t);
    await place.maestro(['run', '--dry', '-o', 'out', place.specification(two)]);
    const status = startOnTerminal(place, ['status', 'out'], { PAGER: 'head -n 1' });
    assert.equal((await status.ended).code, 0);
    assert.match(status.screen(), /trial/);
    assert.doesNotMatch(status.screen(), /first/);
  });

  test('where there is no such pager the status is printed', async (t) => {
    const place = makePlace(t);
    await place.maestro(['run', '--dry', '-o', 'out', place.specification(two)]);
    const status = startOnTerminal(place, ['status', 'out'], { MANPAGER: 'no-such-pager' });
    assert.equal((await status.ended).code, 0);
    assert.match(status.screen(), /second/);
  });
});
