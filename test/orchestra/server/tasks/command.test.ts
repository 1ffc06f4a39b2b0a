import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { substitute, wordOfKey } from '../../../../src/orchestra/server/tasks/command.ts';

const paths = (entries: Readonly<Record<string, string>>) => new Map(Object.entries(entries));

describe('substitution in a command', () => {
  it('puts a path in the place of every occurrence of a word', () => {
    const command = 'fit -d %DATA -i %IN -o %OUT --again %DATA';
    const result = substitute(command, paths({ '%DATA': '/volume/a', '%IN': '/volume/b', '%OUT': '/o' }));
    assert.equal(result, 'fit -d /volume/a -i /volume/b -o /o --again /volume/a');
  });

  it('takes the longest word where several begin alike', () => {
    assert.equal(substitute('%IN %INPUT', paths({ '%IN': '1', '%INPUT': '2' })), '1 2');
    assert.equal(substitute('REF2 REF', paths({ REF: 'a', REF2: 'b' })), 'b a');
  });

  it('does not search again what it has put in', () => {
    assert.equal(substitute('%DATA %IN', paths({ '%DATA': '/%IN', '%IN': '/%DATA' })), '/%IN /%DATA');
  });

  it('leaves a command alone that has no such word', () => {
    assert.equal(substitute('echo $HOME %IN', paths({ '%DATA': 'x' })), 'echo $HOME %IN');
    assert.equal(substitute('echo $& $1', paths({})), 'echo $& $1');
  });

  it('takes patterns and replacements literally', () => {
    assert.equal(substitute('a.c abc', paths({ 'a.c': '$&$1' })), `'$&$1' abc`);
  });

  it('quotes a path as its place in the command needs it, whatever the path', () => {
    const frames = [
      (word: string) => `printf %s ${word}`,
      (word: string) => `printf %s "${word}"`,
      (word: string) => `printf %s '${word}'`,
      (word: string) => `printf %s "it's" > /dev/null; printf %s ${word}`,
      (word: string) => `printf %s \\" > /dev/null; printf %s '${word}'`,
      (word: string) => `printf %s 'a"b' > /dev/null; printf %s "${word}"`,
    ];
    const piece = fc.constantFrom(
      'a',
      ' ',
      "'",
      '"',
      '\\',
      '$',
      '$(id)',
      '`id`',
      ';',
      '*',
      '\n',
      '#',
      '&',
      'é',
    );
    const path = fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join('')}`);
    fc.assert(
      fc.property(path, fc.constantFrom(...frames), (path, frame) => {
        const command = substitute(frame('%DATA'), paths({ '%DATA': path }));
        assert.equal(execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' }), path);
      }),
      { numRuns: 120 },
    );
  });

  it('finds the word of a key with its sign where the command has that', () => {
    assert.equal(wordOfKey('x %REF', 'REF'), '%REF');
    assert.equal(wordOfKey('x REF', 'REF'), 'REF');
    assert.equal(wordOfKey('x %REF', '%REF'), '%REF');
  });
});
