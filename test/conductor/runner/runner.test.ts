import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { readRecords } from '../../../src/conductor/runner/records-file.ts';
import { findAttempts, identify } from '../../../src/shared/process-identity.ts';
import { outputs, RUNNERS, setScene, writeScript } from './scene.ts';

for (const { kind, skip } of RUNNERS) {
  describe(`a step started by the ${kind} runner`, { skip }, () => {
    it('runs in its directory and leaves its output under its pid', async (context) => {
      const { run, order, told, directory, text } = setScene(context, { kind });
      const ended = await run(order('a', 'pwd -P; echo problem >&2; exit 0'));
      assert.deepEqual(ended.exit, { code: 0 });
      assert.equal(ended.reason, 'none');
      const started = told.find((record) => record.kind === 'started');
      assert.ok(started?.kind === 'started' && started.at <= ended.at);
      assert.deepEqual(outputs(join(directory, 'a')), [`step.${started.pid}.err`, `step.${started.pid}.out`]);
      assert.equal(text('a', `step.${started.pid}.out`), `${join(directory, 'a')}\n`);
      assert.equal(text('a', `step.${started.pid}.err`), 'problem\n');
    });

    it('is told which attempt it is, and which gpus it has', async (context) => {
      const environment = {
        ...process.env,
        MAESTRO_ATTEMPT: 'outer',
        CUDA_VISIBLE_DEVICES: '7',
        KEPT: "it's\nso",
      };
      const { run, order, text } = setScene(context, { kind, environment });
      const say = `printf %s "$MAESTRO_ATTEMPT $CUDA_VISIBLE_DEVICES $KEPT" > said; env > env`;
      await run(order('with.1', say, { gpus: [0, 3] }));
      await run(order('without.1', say));
      assert.equal(text('with.1', 'said'), "with.1 0,3 it's\nso");
      assert.equal(text('without.1', 'said'), "without.1 7 it's\nso");
      assert.equal(text('with.1', 'env').match(/^(MAESTRO_ATTEMPT|CUDA_VISIBLE_DEVICES)=/gm)?.length, 2);
    });

    it('leads a session, blocks and ignores no signal, and has no file but its own', async (context) => {
      const { run, order, directory, text } = setScene(context, { kind });
      const step = order(
        'a',
        `read -r -a stat < /proc/$$/stat; echo "$$ \${stat[4]} \${stat[5]}" > ids
        grep -E 'Sig(Blk|Ign)' /proc/self/status > signals
        for file in /proc/$$/fd/*; do [[ -e $file ]] && readlink "$file"; done > files`,
      );
      await run(step);
      const [pid, group, session] = text('a', 'ids').trim().split(' ');
      assert.deepEqual([group, session], [pid, pid]);
      assert.match(text('a', 'signals'), /^SigBlk:\t0+\nSigIgn:\t0+\n$/);
      const output = join(directory, 'a', `step.${pid}`);
      const own = new Set([
        '/dev/null',
        `${output}.out`,
        `${output}.err`,
        step.script,
        join(directory, 'a', 'files'),
      ]);
      const others = text('a', 'files')
        .trim()
        .split('\n')
        .filter((file) => !own.has(file));
      assert.deepEqual(others, []);
    });

    it('has its exit code recorded', async (context) => {
      const { run, order } = setScene(context, { kind });
      assert.deepEqual((await run(order('a', 'exit 3'))).exit, { code: 3 });
      assert.deepEqual((await run(order('b', 'no-such-command'))).exit, { code: 127 });
      assert.deepEqual((await run(order('c', 'exit 255'))).exit, { code: 255 });
    });

    it('has the signal recorded that ended it', async (context) => {
      const { run, order } = setScene(context, { kind });
      assert.deepEqual((await run(order('a', 'kill -KILL $$'))).exit, { signal: 9 });
      assert.deepEqual((await run(order('b', 'kill -SEGV $$'))).exit, { signal: 11 });
      assert.deepEqual((await run(order('c', 'kill -TERM $$'))).exit, { signal: 15 });
    });

    it('may leave processes behind when it ends by itself', async (context) => {
      const { run, order, gate, text } = setScene(context, { kind });
      const kept = gate('kept');
      const token = `left.${process.pid}`;
      const ended = await run(order(token, `cat ${kept.path} > late & echo $! > server`));
      assert.deepEqual(ended.exit, { code: 0 });
      assert.deepEqual(findAttempts().get(token), [Number(text(token, 'server'))]);
      await kept.open();
    });

    it('has what it used recorded', async (context) => {
      const { run, order } = setScene(context, { kind });
      const ended = await run(
        order(
          'a',
          "for ((i = 0; i < 200000; i++)); do :; done; x=$(head -c 40000000 /dev/zero | tr '\\0' x)",
        ),
      );
      assert.ok(ended.userMs + ended.systemMs > 0 && ended.userMs < 600_000, JSON.stringify(ended));
      if (kind === 'native') {
        assert.ok(ended.maxRssKib > 39_000 && ended.maxRssKib < 4_000_000, JSON.stringify(ended));
      } else assert.equal(ended.maxRssKib, 0);
    });

    for (const name of [
      'two words',
      'new\nline',
      `quo"te's`,
      'Überprüfung-解',
      '$(touch x)`y`',
      '-rf',
      'back\\slash*',
    ]) {
      it(`runs where everything is named ${JSON.stringify(name)}`, async (context) => {
        const { run, order, directory, told } = setScene(context, { kind });
        const place = join(directory, name);
        mkdirSync(place);
        const script = join(place, `${name}.sh`);
        writeScript(script, 'pwd -P');
        const ended = await run({ ...order('a', 'exit 9'), directory: place, script, output: name });
        assert.deepEqual(ended.exit, { code: 0 });
        const started = told.find((record) => record.kind === 'started');
        assert.ok(started?.kind === 'started');
        const files = ['out', 'err'].map((ending) => `${name}.${started.pid}.${ending}`);
        assert.deepEqual(outputs(place), [...files, `${name}.sh`].sort());
      });
    }

    it('may have paths as long as the system allows', async (context) => {
      const { run, order, directory, told } = setScene(context, { kind });
      const place = join(directory, ...Array.from({ length: 17 }, () => `é".x`.repeat(40)));
      mkdirSync(place, { recursive: true });
      const script = join(place, 'x.sh');
      writeScript(script, 'pwd -P');
      const ended = await run({ ...order('a', ''), directory: place, script });
      assert.deepEqual(ended.exit, { code: 0 });
      assert.equal(told.length, 3);
    });
  });

  describe(`a step that the ${kind} runner cannot start`, { skip }, () => {
    it('is recorded as failed, with the reason, and leaves nothing', async (context) => {
      const { runner, hear, order, directory } = setScene(context, { kind });
      const file = join(directory, 'file');
      writeFileSync(file, '#!/bin/bash\n');
      writeFileSync(join(directory, 'no-shell.sh'), '#!/no/such/shell\n', { mode: 0o744 });
      writeFileSync(join(directory, 'no-shebang.sh'), 'true\n', { mode: 0o744 });
      const cases = [
        { more: { directory: join(directory, 'none') }, stage: 'directory', errno: 'ENOENT' },
        { more: { directory: file }, stage: 'directory', errno: 'ENOTDIR' },
        { more: { output: 'none/step' }, stage: 'output', errno: 'ENOENT' },
        { more: { output: `${'x'.repeat(250)}` }, stage: 'output', errno: 'ENAMETOOLONG' },
        { more: { script: join(directory, 'none.sh') }, stage: 'script', errno: 'ENOENT' },
        { more: { script: join(directory, 'no-shell.sh') }, stage: 'script', errno: 'ENOENT' },
        { more: { script: join(directory, 'no-shebang.sh') }, stage: 'script', errno: 'ENOEXEC' },
        { more: { script: file }, stage: 'script', errno: 'EACCES' },
        { more: { script: directory }, stage: 'script', errno: 'EACCES' },
      ];
      const orders = cases.map(({ more }, i) => order(`t${i}`, 'true', more));
      runner.start(orders);
      for (const [i, { stage, errno }] of cases.entries()) {
        const { at: _, ...failed } = await hear('failed', `t${i}`);
        assert.deepEqual(failed, { kind: 'failed', token: `t${i}`, stage, errno });
        assert.deepEqual(outputs(join(directory, `t${i}`)), []);
      }
    });

    it('frees its cores for the next', async (context) => {
      const { runner, run, order } = setScene(context, { kind, cores: 1, inFlight: 1 });
      runner.start([order('a', 'true', { directory: '/nowhere/at/all' })]);
      assert.deepEqual((await run(order('b', 'true'))).exit, { code: 0 });
    });
  });

  describe(`the ${kind} runner`, { skip }, () => {
    it('says who it is', async (context) => {
      const { runner, run, order, told } = setScene(context, { kind });
      await run(order('a', 'true'));
      const { at, ...said } = told[0] as { at: number };
      assert.deepEqual(said, { kind: 'runner', ...identify(runner.pid!) });
      assert.ok(at > Date.UTC(2020));
    });

    it('writes to its file what it tells', async (context) => {
      const { run, order, told, read, runner, exit, recordsFile } = setScene(context, { kind });
      await run(order('a', 'exit 1'));
      runner.close();
      assert.deepEqual(await exit, { code: 0, signal: null, said: '' });
      await read(({ kind: what }) => what === 'closing');
      assert.deepEqual(
        told.map(({ kind: what }) => what),
        ['runner', 'started', 'ended', 'closing'],
      );
      assert.deepEqual(readRecords(recordsFile, 0).records, told);
    });
  });
}
