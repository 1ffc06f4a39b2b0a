import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Presence, presenceOf } from '../../../src/cli/doctor/presence.ts';
import { PROGRAMS } from '../../../src/cli/doctor/programs.ts';

const programs = new Map(PROGRAMS.map((program) => [program.name, program]));

const answer = (stdout: string, { code = 0, stderr = '' } = {}) => {
  return { kind: 'exited', code, stdout, stderr } as const;
};
const present = (version: string): Presence => ({ kind: 'present', version });

const LSF = 'IBM Spectrum LSF Standard 10.1.0.13, Jan 04 2023\nCopyright International Business Machines';
const FLUX = 'commands:    \t\t0.79.0\nlibflux-core:\t\t0.79.0\nbuild-options:\t\t+systemd+hwloc.api==2.8.0';

for (const [name, result, presence] of [
  ['Slurm', answer('slurm-wlm 22.05.8\n'), present('22.05.8')],
  ['srun', answer('slurm 23.11.10-2\n'), present('23.11.10-2')],
  ['Flux', answer(FLUX), present('0.79.0')],
  ['flux run', answer(FLUX), present('0.79.0')],
  ['LSF', answer('', { stderr: LSF }), present('10.1.0.13')],
  ['PBS', answer('pbs_version = 2022.1.1\n'), present('2022.1.1')],
  ['PBS', answer('pbs_version = PBSPro_9.2.0.81361\n'), present('9.2.0.81361')],
  ['PBS', answer('', { stderr: 'Version: 6.1.2\nCommit: 661e092\n' }), present('6.1.2')],
  ['mpiexec', answer('mpiexec (OpenRTE) 4.1.4\n\nReport bugs to http://…\n'), present('4.1.4')],
  ['mpiexec', answer('HYDRA build details:\n    Version:            4.0.2\n'), present('4.0.2')],
  ['mpirun', answer('Intel(R) MPI Library for Linux* OS, Version 2021.6 Build 2022'), present('2021.6')],
  ['docker', answer('Docker version 24.0.5, build ced0996\n'), present('24.0.5')],
  ['singularity', answer('singularity-ce version 3.10.2\n'), present('3.10.2')],
  ['ch-run', answer('', { stderr: '0.31\n' }), present('0.31')],
  ['bwrap', answer('bubblewrap 0.8.0\n'), present('0.8.0')],
  ['python3', answer('Python 3.11.2\n'), present('3.11.2')],
] as const) {
  test(`${name} says that it is ${presence.kind === 'present' ? presence.version : ''}`, () => {
    assert.deepEqual(presenceOf(programs.get(name)!, result), presence);
  });
}

test('another program with the same name is not the one that is meant', () => {
  const gridEngine = answer('', { code: 1, stderr: 'qstat: Unknown option "--version"' });
  assert.deepEqual(presenceOf(programs.get('PBS')!, gridEngine), { kind: 'missing' });
  assert.deepEqual(presenceOf(programs.get('Flux')!, answer('flux: v2.1.0\n')), { kind: 'missing' });
});

test('a program that says nothing of a version is there; one that fails says why, if anything', () => {
  const jsrun = programs.get('jsrun')!;
  assert.deepEqual(presenceOf(jsrun, answer('jsrun\n')), { kind: 'present' });
  const failed = answer('', { code: 2, stderr: '\nno license\nask for one\n' });
  assert.deepEqual(presenceOf(jsrun, failed), { kind: 'silent', words: 'no license' });
  assert.deepEqual(presenceOf(jsrun, answer('', { code: 2 })), { kind: 'silent', words: 'it exited with 2' });
  const cut = { kind: 'cut', words: 'jsrun took longer than 5 s' } as const;
  assert.deepEqual(presenceOf(jsrun, cut), { kind: 'silent', words: 'jsrun took longer than 5 s' });
});
