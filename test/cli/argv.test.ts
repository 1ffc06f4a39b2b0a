import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseCommandLine } from '../../src/cli/argv.ts';

const rewritten = (line: string): string => {
  const parsed = parseCommandLine(line === '' ? [] : line.split(' '));
  return parsed.kind === 'version' ? 'VERSION' : parsed.argv.join(' ');
};

test('options before the command move behind it', () => {
  const lines: readonly (readonly [given: string, rewritten: string])[] = [
    ['-d 1 run s.yaml', 'run -d 1 s.yaml'],
    ['-d1 run s.yaml', 'run -d1 s.yaml'],
    ['-c -l /tmp/logs run -y s.yaml', 'run -c -l /tmp/logs -y s.yaml'],
    ['-cd 1 status D', 'status -cd 1 D'],
    ['--debug_lvl 1 --logpath=/tmp run s.yaml', 'run --debug_lvl 1 --logpath=/tmp s.yaml'],
    ['--logstdout run -- -d', 'run --logstdout -- -d'],
    ['run -d 1 s.yaml', 'run -d 1 s.yaml'],
  ];
  for (const [given, expected] of lines) assert.equal(rewritten(given), expected);
});

test('-fg is one option of run, and of nothing else', () => {
  assert.equal(rewritten('run -fg s.yaml'), 'run --fg s.yaml');
  assert.equal(rewritten('-d 1 run s.yaml -fg'), 'run -d 1 s.yaml --fg');
  assert.equal(rewritten('run -- -fg'), 'run -- -fg');
  assert.equal(rewritten('logs -fg D'), 'logs -fg D');
});

test('the version is asked for by an option before the command', () => {
  for (const line of ['-v', '--version', '-d 1 --version', '-v run'])
    assert.equal(rewritten(line), 'VERSION');
  assert.equal(rewritten('run -v'), 'run -v');
});

test('what is not understood is left to the parser as it is', () => {
  for (const line of ['', '--help', '-h', '--nonsense run', '-d', '-d 1', '-- run']) {
    assert.equal(rewritten(line), line);
  }
});

test('no word is lost and none is made up', () => {
  const word = fc.constantFrom(
    '-d',
    '1',
    '-c',
    '-l',
    '--logpath=x',
    'run',
    'status',
    '-fg',
    '--',
    'a.yaml',
    '-y',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (words) => {
      const parsed = parseCommandLine(words);
      assert.ok(parsed.kind === 'command');
      const spelled = parsed.argv.map((part) => (part === '--fg' ? '-fg' : part));
      assert.deepEqual([...spelled].sort(), [...words].sort());
    }),
  );
});
