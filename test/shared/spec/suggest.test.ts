import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { didYouMean, suggestOr } from '../../../src/shared/spec/suggest.ts';

describe('a misspelt word', () => {
  const keys = ['cmd', 'depends', 'cores per task', 'walltime', 'name', 'global.parameters', 'gpus'];
  const meant: Record<string, string | undefined> = {
    walltme: 'walltime',
    Walltime: 'walltime',
    'wall time': 'walltime',
    nmae: 'name',
    depend: 'depends',
    cores_per_task: 'cores per task',
    cores: 'cores per task',
    parameters: 'global.parameters',
    gpu: 'gpus',
    cwd: 'cmd',
    a: undefined,
    '': undefined,
    colour: undefined,
    ntasks: undefined,
  };
  for (const [word, candidate] of Object.entries(meant)) {
    it(`'${word}' means ${candidate ?? 'nothing'}`, () => assert.equal(didYouMean(word, keys), candidate));
  }

  it('means the nearest of several', () => {
    assert.equal(didYouMean('mesh2', ['mesh1', 'mesh2', 'mesh3']), 'mesh2');
    assert.equal(didYouMean('meshh', ['mess', 'mesh']), 'mesh');
  });

  it('means no candidate where there is none', () => assert.equal(didYouMean('mesh', []), undefined));

  it('makes a mend, or leaves it to another', () => {
    assert.equal(suggestOr('depend', keys, 'remove it'), "did you mean 'depends'?");
    assert.equal(suggestOr('colour', keys, 'remove it'), 'remove it');
  });
});
