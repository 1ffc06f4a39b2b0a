import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { CONFIG_FILE, defaultConfig } from '../../../../src/orchestra/server/config/config.ts';
import { readConfig } from '../../../../src/orchestra/server/config/read-config.ts';
import { UserError } from '../../../../src/shared/errors.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'maestro-config-'));
  file = join(directory, 'config.yaml');
});
afterEach(() => rmSync(directory, { recursive: true }));

/** The lines that a text gets told, without the name of the file. */
function mistakes(text: string): string[] {
  writeFileSync(file, text);
  try {
    readConfig(file);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    const [head, ...lines] = error.line.split('\n');
    assert.match(head ?? '', /^the configuration has (a mistake|\d+ mistakes)$/);
    return lines.map((line) => line.replace(`${file}:`, ''));
  }
  return [];
}

describe('the configuration that the first start makes', () => {
  it('is for its owner alone, and says what the defaults are', () => {
    const made = readConfig(file);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(made, { config: defaultConfig(availableParallelism()), warnings: [] });
  });

  it('reads as before once it is there', () => {
    const made = readConfig(file);
    assert.deepEqual(readConfig(file), made);
  });

  it('explains every key that there is', () => {
    readConfig(file);
    const text = readFileSync(file, 'utf8');
    const { queues, ...sections } = CONFIG_FILE.properties;
    const keys = Object.values(sections).flatMap((section) =>
      Object.keys((section as { readonly properties: object }).properties),
    );
    for (const key of [...keys, ...Object.keys(queues.items.properties)]) {
      assert.match(text, new RegExp(`^[ #]*${key}:`, 'm'), key);
    }
  });

  it('may be used as it is with its examples', () => {
    readConfig(file);
    const text = readFileSync(file, 'utf8')
      .replace(/^ {2}# (\w+:.*)$/gm, '  $1')
      .replace(/^ {2}# {3}(\w+:.*)$/gm, '    $1');
    writeFileSync(join(directory, 'smtp-password'), 'secret');
    // The certificate is the only example that would have to exist and be sound.
    const wrong = mistakes(text);
    assert.equal(wrong.length, 2, wrong.join('\n'));
    assert.match(
      wrong[0] ?? '',
      /^\d+:11: server.tls.cert names .*cert.pem, which cannot be read \(ENOENT\)/,
    );
    assert.match(wrong[1] ?? '', /^\d+:10: server.tls.key names .*key.pem, which cannot be read \(ENOENT\)/);
  });
});

describe('a configuration', () => {
  const defaults = defaultConfig(availableParallelism());

  it('has the defaults for what it leaves out', () => {
    writeFileSync(file, 'limits:\n  freeMiB: 7\nmail:\n');
    assert.deepEqual(readConfig(file).config, { ...defaults, limits: { ...defaults.limits, freeMiB: 7 } });
  });

  it('may be empty', () => {
    writeFileSync(file, '# nothing yet\n');
    assert.deepEqual(readConfig(file).config, defaults);
  });

  it('keeps a batch block as it is written', () => {
    writeFileSync(
      file,
      'queues:\n  - name: q\n    slots: 2\n    batch: {type: slurm, host: h, bank: b, queue: p}\n',
    );
    const [queue] = readConfig(file).config.queues;
    assert.deepEqual({ ...queue?.batch }, { type: 'slurm', host: 'h', bank: 'b', queue: 'p' });
  });

  it('that is named and missing is not made', () => {
    assert.throws(() => readConfig(join(directory, 'other.yaml'), directory, false), /there is no such file/);
  });

  const cases: readonly (readonly [what: string, text: string, told: readonly (string | RegExp)[]])[] = [
    [
      'an unknown section',
      'quues: []\n',
      ["1:1: the configuration has an unknown key 'quues'; did you mean 'queues'?"],
    ],
    [
      'a misspelt key of a queue',
      'queues:\n  - name: q\n    slotz: 3\n',
      ["3:5: queue 'q' has an unknown key 'slotz'; did you mean 'slots'?"],
    ],
    ['a queue without slots', 'queues:\n  - name: q\n', ["2:5: queue 'q' has no slots; add 'slots:'"]],
    [
      'a wrong runtime',
      'queues:\n  - name: q\n    slots: 1\n    runtime: podmann\n',
      ["4:14: runtime of queue 'q' is 'podmann'; did you mean 'podman'?"],
    ],
    [
      'no slots',
      'queues:\n  - name: q\n    slots: 0\n',
      ["3:12: slots of queue 'q' is the number 0; write a whole number of at least 1"],
    ],
    ['no queues', 'queues: []\n', [/^1:9: queues is an empty list; write a list of queues/]],
    [
      'a second queue of the same name',
      'queues:\n  - {name: q, slots: 1}\n  - {name: q, slots: 1}\n',
      ["3:12: there are two queues 'q'; rename one of them"],
    ],
    [
      'fewer GPUs than slots',
      "queues:\n  - name: q\n    slots: 2\n    gpus: ['0']\n",
      ["4:11: gpus of queue 'q' has 1 for 2 slots; name one for each slot, or lower slots"],
    ],
    [
      'days of reaping that go back',
      'reaping:\n  warnDays: 5\n  warnAgainDays: 3\n',
      ['3:18: reaping.warnAgainDays is 3, before warnDays (5); write at least 5'],
    ],
    [
      'a batch block with an unknown key',
      'queues:\n  - name: q\n    slots: 1\n    batch:\n      type: slurm\n      host: h\n      bnak: b\n      queue: p\n',
      [
        /^4:5: batch has no bank, which slurm needs/,
        /^7:7: batch has an unknown key 'bnak'; did you mean 'bank'\?/,
      ],
    ],
    [
      'an unknown scheduler',
      'queues:\n  - name: q\n    slots: 1\n    batch: {type: slrum}\n',
      [/^4:19: batch.type is 'slrum'; did you mean 'slurm'\?/],
    ],
    [
      'an address that is none',
      'mail:\n  admins: [ada]\n',
      ["2:12: mail.admins.item 1 is 'ada'; write an address, as in ada@example.org"],
    ],
    [
      'a proxy that is no address',
      'server:\n  trustProxy: 10.0.0.0/64\n',
      [/^2:15: server.trustProxy has '10.0.0.0\/64', which is no address/],
    ],
    [
      'an address of another protocol',
      'server:\n  url: ftp://x\n',
      [/^2:8: server.url is 'ftp:\/\/x', which is no address of a web server/],
    ],
    ['a broken line', 'server: {\n', [/^\d+:\d+: a bracket or brace opened above is not closed/]],
    ['two documents', 'server:\n---\nusers:\n', [/^2:1: a second YAML document begins here/]],
    [
      'several at once, in the order of the file',
      'users:\n  tokenDays: 0\nlimits:\n  fileMiB: many\n',
      [
        '2:14: users.tokenDays is the number 0; write a whole number from 1 to 3650',
        "4:12: limits.fileMiB is 'many'; write a whole number of at least 1",
      ],
    ],
  ];

  for (const [what, text, told] of cases) {
    it(`is refused for ${what}`, () => {
      const lines = mistakes(text);
      assert.equal(lines.length, told.length, lines.join('\n'));
      told.forEach((expected, index) => {
        if (typeof expected === 'string') assert.equal(lines[index], expected);
        else assert.match(lines[index] ?? '', expected);
      });
    });
  }

  it('is refused for a certificate that is none', () => {
    for (const name of ['cert.pem', 'key.pem']) writeFileSync(join(directory, name), 'nothing\n');
    const lines = mistakes('server:\n  tls: {cert: cert.pem, key: key.pem}\n');
    assert.match(lines.join('\n'), /^2:8: server.tls has a certificate and a key that do not work: .*PEM/);
  });

  it('is refused as one line where it is no file', () => {
    assert.throws(() => readConfig(directory), { message: `${directory}: this is a directory` });
  });

  it('is published as the schema says', () => {
    const published = readFileSync(
      new URL('../../../../schema/orchestra.schema.json', import.meta.url),
      'utf8',
    );
    assert.deepEqual(
      JSON.parse(published),
      JSON.parse(JSON.stringify(CONFIG_FILE)),
      'npm run docs writes it',
    );
  });
});
