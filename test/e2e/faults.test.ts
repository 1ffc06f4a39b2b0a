import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import Database from 'better-sqlite3';
import { gated, openGate } from './gate.ts';
import { isThere, makePlace, type Outcome } from './harness.ts';

const LOCAL = { batch: { type: 'local', cores: 4, shell: '/bin/sh' } };

/** A mistake or a trouble that is the user's to mend: one line, what and the mend, no stack. */
function assertPlain({ code, stderr }: Outcome, expected: RegExp): void {
  assert.equal(code, 1, stderr);
  assert.match(stderr, expected);
  assert.doesNotMatch(stderr, /\n\s+at |\bbug\b/);
  assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
}

describe('what a step needs and does not find', { concurrency: 2 }, () => {
  test('a shell: the step fails with the reason, the others run', async (t) => {
    const place = makePlace(t);
    const file = place.specification(
      [
        { name: 'a', cmd: 'true' },
        { name: 'b', cmd: 'true', depends: ['a'] },
      ],
      {
        batch: { type: 'local', shell: '/no/such/shell' },
      },
    );
    const { code } = await place.maestro(['run', '-y', '-fg', '-o', 'out', file]);
    const study = place.study();
    assert.equal(code, 2);
    assert.deepEqual(
      study.rows().map(({ state }) => state),
      ['FAILED', 'FAILED'],
    );
    assert.match(
      study.log(),
      /a: PENDING -> FAILED \(cannot start: the shell named in the script is missing\)/,
    );
  });

  test('its workspace: the step fails with the reason', async (t) => {
    const place = makePlace(t);
    // The step before has its workspace beside this one, and puts a file in its way.
    const file = place.specification(
      [
        { name: 'a', cmd: 'touch ../b' },
        { name: 'b', cmd: 'true', depends: ['a'] },
      ],
      LOCAL,
    );
    const { code } = await place.maestro(['run', '-y', '-fg', '-o', 'out', file]);
    assert.equal(code, 2);
    assert.match(place.study().log(), /b: PENDING -> FAILED \(cannot start: .*(?:EEXIST|ENOTDIR)\)/);
  });
});

describe('a place that cannot be written to', { concurrency: 2 }, () => {
  test('is refused before anything is made', async (t) => {
    const place = makePlace(t);
    const file = place.specification([{ name: 'a', cmd: 'true' }], LOCAL);
    writeFileSync(place.path('file'), '');
    for (const out of ['file/out', 'file/deep/er/out']) {
      assertPlain(
        await place.maestro(['run', '-y', '-o', out, file]),
        /^error: .*file.* cannot be written \(ENOTDIR\); a part of that path is a file: name another place with -o\n$/,
      );
    }
    assertPlain(
      await place.maestro(['run', '-y', '-o', 'x'.repeat(300), file]),
      /\(ENAMETOOLONG\); shorten the name/,
    );
    assert.deepEqual(readdirSync(place.directory).sort(), ['file', 'study.yaml']);
  });

  test('is refused for logs, with the reason', async (t) => {
    const place = makePlace(t);
    const file = place.specification([{ name: 'a', cmd: 'true' }], LOCAL);
    writeFileSync(place.path('file'), '');
    for (const how of [[], ['-fg']]) {
      const out = `out${how.length}`;
      const outcome = await place.maestro(['-l', 'file/logs', 'run', '-y', ...how, '-o', out, file]);
      assertPlain(
        outcome,
        /^error: the log .*file\/logs\/trial\.log cannot be written \(E\w+\); name another place with --logpath\n$/,
      );
      // The study is whole, and nobody holds it.
      assert.equal((await place.maestro(['resume', out])).code, 0);
      assert.equal(await place.study(out).untilEnded(), 'finished');
    }
  });
});

describe('a study directory that vanishes', { concurrency: 2 }, () => {
  test('ends its conductor', async (t) => {
    const place = makePlace(t);
    const study = await place.launch(place.specification([gated('a')], LOCAL));
    await study.until('a runs', () => study.stateOf('a') === 'RUNNING');
    const conductor = study.conductor();
    rmSync(study.directory, { recursive: true });
    await study.until('the conductor is gone', () => !isThere(conductor));
  });

  test('ends its conductor in the foreground with the reason, while steps come and go', async (t) => {
    const place = makePlace(t);
    const values = Array.from({ length: 500 }, (_, index) => index);
    const file = place.specification([{ name: 'a', cmd: 'sleep 0.1 # $(I)' }], {
      ...LOCAL,
      'global.parameters': { I: { values, label: 'I.%%' } },
    });
    const run = place.start(['run', '-y', '-fg', '-o', 'out', file]);
    const study = place.study();
    await study.until(
      'some have finished',
      () =>
        existsSync(study.path('.maestro', 'study.db')) &&
        study.statusCsv().some((row) => row[3] === 'FINISHED'),
    );
    renameSync(study.directory, place.path('moved'));
    assertPlain(await run.ended, /^error: .*(?:vanished|does not exist any more|no longer)/);
  });
});

describe('a store', { concurrency: 2 }, () => {
  const damage: Record<string, { readonly harm: (file: string) => void; readonly says: RegExp }> = {
    'of another program': {
      harm: (file) => {
        rmSync(file);
        new Database(file).exec('CREATE TABLE theirs (x)').close();
      },
      says: /study\.db is not a study's store; another program wrote it; move it away/,
    },
    'of a newer version': {
      harm: (file) => {
        const store = new Database(file);
        store.pragma('user_version = 99');
        store.close();
      },
      says: /study\.db was written by a newer maestro \(its schema is 99, this program knows \d+\); use that version or a later one/,
    },
    'that is no database': {
      harm: (file) => writeFileSync(file, 'SQLite it is not'.repeat(1000)),
      says: /study\.db is damaged: .*; restore it: maestro doctor --rebuild /,
    },
    'that was cut short': {
      harm: (file) => truncateSync(file, 5000),
      says: /study\.db is damaged: .*; restore it: maestro doctor --rebuild /,
    },
    'with pages that were overwritten': {
      harm: (file) => {
        const bytes = readFileSync(file);
        bytes.fill(0xff, 4096, 5 * 4096);
        writeFileSync(file, bytes);
      },
      says: /study\.db is damaged: .*; restore it: maestro doctor --rebuild /,
    },
    'that is empty': {
      harm: (file) => truncateSync(file, 0),
      says: /study\.db is damaged: it is empty; restore it: maestro doctor --rebuild /,
    },
  };
  for (const [what, { harm, says }] of Object.entries(damage)) {
    test(`${what} is refused, and left as it is`, async (t) => {
      const place = makePlace(t);
      const file = place.specification([{ name: 'a', cmd: 'true' }], LOCAL);
      assert.equal((await place.maestro(['run', '-y', '-fg', '-o', 'out', file])).code, 0);
      const store = place.path('out', '.maestro', 'study.db');
      harm(store);
      const hash = (): string => createHash('sha256').update(readFileSync(store)).digest('hex');
      const before = hash();
      for (const command of [['status'], ['resume'], ['conductor'], ['cancel', '-y'], ['logs']]) {
        assertPlain(await place.maestro([...command, 'out']), says);
      }
      assert.equal(hash(), before);
    });
  }

  test('that is locked by a backup is waited for', async (t) => {
    const place = makePlace(t);
    const study = await place.launch(
      place.specification([gated('a'), { name: 'b', cmd: 'true', depends: ['a'] }], LOCAL),
    );
    await study.until('a runs', () => study.stateOf('a') === 'RUNNING');
    const backup = new Database(study.path('.maestro', 'study.db'));
    backup.exec('BEGIN IMMEDIATE');
    openGate(study);
    await study.until('a has ended', () => study.lines('trace').includes('end a'));
    assert.equal(study.stateOf('a'), 'RUNNING');
    backup.exec('ROLLBACK');
    backup.close();
    assert.equal(await study.untilEnded(), 'finished');
  });
});

/** A shell in a user namespace that may not watch a single directory. */
const WITHOUT_WATCHES = ['unshare', '--user', '--map-root-user', 'sh', '-c'];
const NO_WATCHES = 'echo 0 > /proc/sys/user/max_inotify_instances';

/** Why user namespaces cannot be had here; false where they can. */
function noNamespaces(): string | false {
  const [program, ...args] = WITHOUT_WATCHES;
  const { status } = spawnSync(program!, [...args, NO_WATCHES]);
  return status === 0 ? false : 'no user namespaces here, in which a machine without inotify could be tried';
}

describe('a machine that is out of inotify watches', { concurrency: 2, skip: noNamespaces() }, () => {
  test('runs studies all the same, and requests are found by looking', async (t) => {
    const place = makePlace(t);
    const under = [...WITHOUT_WATCHES, `${NO_WATCHES}; exec "$@"`, 'sh'];
    const file = place.specification([{ name: 'z', cmd: 'true' }, gated('a')], LOCAL);
    const study = await place.launch(file, [], { under });
    await study.until(
      'z has finished and a runs',
      () => study.stateOf('z') === 'FINISHED' && study.stateOf('a') === 'RUNNING',
    );
    writeFileSync(study.path('.study.update.lock'), 'throttle: 7\n');
    await study.until('the request is found', () => study.log().includes('limits are now throttle 7'));
    const cancel = await place.maestro(['cancel', '-y', 'out'], { under });
    assert.equal(cancel.code, 0, cancel.stderr);
    assert.equal(study.outcome(), 'cancelled');
  });
});

describe('names', { concurrency: 2 }, () => {
  test('of all kinds come through, and so does status.csv', async (t) => {
    const place = makePlace(t, "a 'b' ; & ü 研究");
    const steps = [
      { name: 'söme step', cmd: "cat > 'out file' <<'END'\n$(P) grüße 研究\nEND" },
      { name: 'it\'s, "quoted"', cmd: 'cat "$(söme step.workspace)/out file"', depends: ['söme step'] },
    ];
    const values = [
      'plain',
      'with space',
      "quo'te",
      'dou"ble',
      'käse',
      'a,b',
      'semi;colon',
      '$(date)',
      'a/b',
      'a:b',
      '*',
    ];
    const file = place.specification(steps, {
      ...LOCAL,
      description: { name: 'Ünïcode & "co"', description: 'x' },
      'global.parameters': { P: { values, label: 'P.%%' } },
    });
    const { code, stderr } = await place.maestro(['run', '-y', '-fg', file]);
    assert.equal(code, 0, stderr);
    const [out] = readdirSync(place.directory).filter((name) => name !== 'study.yaml');
    const study = place.study(out);
    assert.equal(study.outcome(), 'finished');
    const rows = study.statusCsv();
    assert.equal(rows.length, 1 + 2 * values.length);
    const column = rows[0]!.indexOf('Step Name');
    assert.deepEqual(
      rows.slice(1).map((row) => row[column]),
      study.rows().map(({ name }) => name),
    );
    assert.equal(new Set(study.rows().map(({ workspace }) => workspace)).size, 2 * values.length);
    for (const { name, workspace, job } of study.rows().slice(values.length)) {
      const output = readdirSync(study.path(workspace)).find((entry) => entry.endsWith(`.${job}.out`))!;
      const value = name.slice(name.indexOf('P.') + 2);
      assert.equal(readFileSync(study.path(workspace, output), 'utf8'), `${value} grüße 研究\n`);
    }
    const status = await place.maestro(['status', out!]);
    assert.equal(status.code, 0, status.stderr);
    assert.equal((await place.maestro(['status', '--json', out!])).code, 0);
  });
});

describe('status.csv', { concurrency: 2 }, () => {
  test('can be read at every moment', async (t) => {
    const place = makePlace(t);
    const values = Array.from({ length: 300 }, (_, index) => index);
    const file = place.specification([{ name: 'a', cmd: 'sleep 0.02; echo "$(I)"' }], {
      ...LOCAL,
      'global.parameters': { I: { values, label: 'I.%%' } },
    });
    const study = await place.launch(file);
    let looks = 0;
    const seen = new Set<number>();
    await study.until('the study has ended', () => {
      const rows = study.statusCsv();
      assert.equal(rows.length, 301);
      looks++;
      seen.add(rows.filter((row) => row[3] === 'FINISHED').length);
      return study.outcome() !== undefined;
    });
    assert.ok(looks > 1 && seen.size > 1, `${looks} looks, ${seen.size} different`);
    await study.until('it shows the end', () =>
      study
        .statusCsv()
        .slice(1)
        .every((row) => row[3] === 'FINISHED'),
    );
  });
});

describe('ways to run', { concurrency: 2 }, () => {
  test('--usetmp: scripts are elsewhere, and gone at the end', async (t) => {
    const place = makePlace(t);
    mkdirSync(place.path('tmp'));
    const env = { TMPDIR: place.path('tmp') };
    const cmd = 'ls "$TMPDIR"/*/a/a.sh > scripts';
    const file = place.specification([{ name: 'a', cmd }], LOCAL);
    assert.equal((await place.maestro(['run', '-y', '-fg', '--usetmp', '-o', 'out', file], { env })).code, 0);
    const study = place.study();
    assert.match(study.lines('a/scripts')[0]!, /\/tmp\/maestro_[^/]+\/a\/a\.sh$/);
    assert.ok(!readdirSync(study.path('a')).includes('a.sh'));
    assert.deepEqual(readdirSync(place.path('tmp')), []);

    const dry = await place.maestro(['run', '-y', '--dry', '--usetmp', '-o', 'dry', file], { env });
    const [, scripts] = /^scripts are in (.*)$/m.exec(dry.stdout) ?? [];
    assert.deepEqual(readdirSync(join(scripts!, 'a')), ['a.sh']);
  });

  test('--hashws: directories, scripts and outputs are hashes, status.csv has the names', async (t) => {
    const place = makePlace(t);
    const file = place.specification([{ name: 'a', cmd: 'echo "$(LONG)"' }], {
      ...LOCAL,
      'global.parameters': { LONG: { values: ['x'.repeat(200), 'y'.repeat(200)], label: 'LONG.%%' } },
    });
    assert.equal((await place.maestro(['run', '-y', '-fg', '--hashws', '-o', 'out', file])).code, 0);
    const study = place.study();
    for (const { name, workspace, job } of study.rows()) {
      const hash = createHash('md5').update(name.slice('a_'.length)).digest('hex');
      assert.equal(workspace, `a/${hash}`);
      const files = readdirSync(study.path(workspace)).sort();
      const base = files.find((entry) => entry.endsWith('.sh'))!.slice(0, -'.sh'.length);
      assert.deepEqual(files, [`${base}.${job}.err`, `${base}.${job}.out`, `${base}.sh`].sort());
      assert.match(base, /^(?:a_)?[0-9a-f]{32}$/);
    }
  });

  test('under umask 077 nobody else sees anything', async (t) => {
    const place = makePlace(t);
    const file = place.specification([{ name: 'a', cmd: 'echo x > made' }], LOCAL);
    const under = ['sh', '-c', 'umask 077; exec "$@"', 'sh'];
    assert.equal((await place.maestro(['run', '-y', '-fg', '-o', 'out', file], { under })).code, 0);
    const open = readdirSync(place.path('out'), { recursive: true, encoding: 'utf8' })
      .map((name) => place.path('out', name))
      .concat(place.path('out'))
      .filter((name) => (statSync(name).mode & 0o077) !== 0);
    assert.deepEqual(open, []);
    assert.equal(statSync(place.path('out', 'a', 'a.sh')).mode & 0o777, 0o700);
  });

  test('two runs in one second have two directories', async (t) => {
    const place = makePlace(t);
    const file = place.specification([{ name: 'a', cmd: 'true' }], LOCAL);
    const codes = await Promise.all(
      [1, 2, 3].map(async () => (await place.maestro(['run', '-y', '-fg', file])).code),
    );
    assert.deepEqual(codes, [0, 0, 0]);
    const made = readdirSync(place.directory).filter((name) => name !== basename(file));
    assert.equal(made.length, 3);
    for (const name of made) assert.equal(place.study(name).outcome(), 'finished');
  });
});
