import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Batch, Resources } from '../../../../src/shared/spec/specification.ts';
import { renderScripts } from '../../../../src/shared/study/script/render-scripts.ts';
import { batchOf, stepOf } from './step-of.ts';

/** The command part of a slurm step's script. */
function commandOf(cmd: string, resources: Resources, batch: Batch = batchOf('slurm')): string {
  const { scripts, problems } = renderScripts(batch, stepOf(cmd, resources));
  assert.deepEqual(problems, []);
  return scripts.main.text.slice(scripts.main.text.indexOf('\n\n') + 2, -1);
}

/** What is wrong with a step on slurm, problem by problem. */
function messagesOf(cmd: string, resources: Resources, batch: Batch = batchOf('slurm')): string[] {
  return renderScripts(batch, stepOf(cmd, resources)).problems.map((problem) => problem.message);
}

test('launchers with and without a bracket mix, wherever they stand', () => {
  const cmd = 'time $(LAUNCHER)[1n, 2p] a & $(LAUNCHER) b\n  x=$($(LAUNCHER)[2p] c)';
  const expected = 'time srun -n 2 -N 1 a & srun -n 4 -N 2 b\n  x=$(srun -n 2 c)';
  assert.equal(commandOf(cmd, { nodes: '2', procs: '4' }), expected);
});

test('a bracket ends at the first ], and one behind a space is the command’s own', () => {
  const resources = { nodes: '2', procs: '4' };
  assert.equal(commandOf('$(LAUNCHER)[1n, 2p] ./x ${a[0]}', resources), 'srun -n 2 -N 1 ./x ${a[0]}');
  assert.equal(commandOf('$(LAUNCHER) [ -f x ]', resources), 'srun -n 4 -N 2 [ -f x ]');
});

test('the processes are the step’s, else the batch block’s, else one a node', () => {
  assert.equal(commandOf('$(LAUNCHER) a', { nodes: '3', procs: '6' }), 'srun -n 6 -N 3 a');
  assert.equal(
    commandOf('$(LAUNCHER) a', { nodes: '3' }, batchOf('slurm', { procs: '9' })),
    'srun -n 9 -N 3 a',
  );
  assert.equal(commandOf('$(LAUNCHER) a', { nodes: '3' }), 'srun -n 3 -N 3 a');
  assert.equal(commandOf('$(LAUNCHER) a', { procs: '6' }, batchOf('slurm', { nodes: '3' })), 'srun -n 6 a');
});

test('no launcher takes more than the step has', () => {
  const has = { nodes: '2', procs: '8' };
  assert.deepEqual(messagesOf('$(LAUNCHER)[1n, 40p] x', has), [
    '$(LAUNCHER)[1n, 40p] asks for 40 procs, and the step has 8',
  ]);
  assert.deepEqual(messagesOf('$(LAUNCHER)[3, 9] x', has), [
    '$(LAUNCHER)[3, 9] asks for 3 nodes, and the step has 2',
    '$(LAUNCHER)[3, 9] asks for 9 procs, and the step has 8',
  ]);
  const { problems } = renderScripts(batchOf('slurm'), stepOf('$(LAUNCHER)[9p] x', has));
  assert.deepEqual(problems[0]?.path, ['run', 'cmd']);
  assert.equal(problems[0]?.mend, "ask for at most 8, or raise the step's procs");
});

test('nor do the bracketed launchers of one script together', () => {
  const has = { nodes: '2', procs: '8' };
  assert.deepEqual(messagesOf('$(LAUNCHER)[1n, 6p] x\n$(LAUNCHER)[1n, 6p] y', has), [
    'the launchers of cmd together ask for 12 procs, and the step has 8',
  ]);
  assert.deepEqual(messagesOf('$(LAUNCHER)[2n, 1p] x\n$(LAUNCHER)[1n, 1p] y', has), [
    'the launchers of cmd together ask for 3 nodes, and the step has 2',
  ]);
  assert.deepEqual(messagesOf('$(LAUNCHER) x\n$(LAUNCHER)[1n, 8p] y\n$(LAUNCHER) z', has), []);
});

test('what the step does not say, only the scheduler can refuse', () => {
  assert.deepEqual(messagesOf('$(LAUNCHER)[2n, 72p] x', { nodes: '2' }), []);
  assert.deepEqual(messagesOf('$(LAUNCHER)[4n, 4p] x', { procs: '4' }), []);
  assert.deepEqual(messagesOf('$(LAUNCHER)[4n, 4p] x', { procs: '4' }, batchOf('flux')), [
    '$(LAUNCHER)[4n, 4p] asks for 4 nodes, and the step has 1',
  ]);
});

test('a launcher that cannot be read is told as it was written, and left alone', () => {
  const step = stepOf('$(LAUNCHER)[abc] x', { nodes: '2', procs: '8' }, { restart: 'y $(LAUNCHER)[2n\n] z' });
  const { scripts, problems } = renderScripts(batchOf('slurm'), step);
  assert.deepEqual(
    problems.map(({ message, path, severity }) => [severity, path, message]),
    [
      ['error', ['run', 'cmd'], '$(LAUNCHER)[abc] is no allocation'],
      ['error', ['run', 'restart'], '$(LAUNCHER)[2n has no closing bracket'],
    ],
  );
  assert.match(scripts.main.text, /\n\$\(LAUNCHER\)\[abc\] x\n$/);
  assert.match(scripts.restart?.text ?? '', /\ny \$\(LAUNCHER\)\[2n\n\] z\n$/);
});

test('a message shows no more of a launcher than fits a line', () => {
  const [message] = messagesOf(`$(LAUNCHER)[${'x'.repeat(500)}] y`, { procs: '1' });
  assert.ok(message !== undefined && message.length < 100);
});

test('a local launcher is the batch block’s, filled in', () => {
  const batch = batchOf('local', { launcher: 'mpiexec -n {procs} -N {nodes} --map {procs}' });
  const resources = { nodes: '2', procs: '4' };
  assert.equal(commandOf('$(LAUNCHER) a', resources, batch), 'mpiexec -n 4 -N 2 --map 4 a');
  assert.equal(commandOf('$(LAUNCHER)[2p] a', resources, batch), 'mpiexec -n 2 -N 1 --map 2 a');
  assert.equal(commandOf('$(LAUNCHER) a', {}, batch), 'mpiexec -n 1 -N 1 --map 1 a');
});

test('without one the command runs as it is, and no space is left over', () => {
  const batch = batchOf('local');
  const cmd = 'time $(LAUNCHER) ./a\n\t$(LAUNCHER)[1n, 2p]  ./b\n$(LAUNCHER)\n';
  assert.equal(commandOf(cmd, { nodes: '1', procs: '2' }, batch), 'time ./a\n\t./b\n\n');
});

test('a mistake in a local launcher is one too', () => {
  assert.deepEqual(messagesOf('$(LAUNCHER)[3p] x', { procs: '2' }, batchOf('local')), [
    '$(LAUNCHER)[3p] asks for 3 procs, and the step has 2',
  ]);
});

test('a step beside the scheduler keeps the token, with a warning', () => {
  const { scripts, problems } = renderScripts(batchOf('slurm'), stepOf('$(LAUNCHER)[2p] three'));
  assert.equal(scripts.main.text, '#!/bin/bash\n\n$(LAUNCHER)[2p] three\n');
  assert.deepEqual(
    problems.map(({ severity, path }) => [severity, path]),
    [['warning', ['run', 'cmd']]],
  );
});

test('whatever stands in a command, rendering does not throw, and text without the token is untouched', () => {
  const piece = fc.constantFrom('$(LAUNCHER)', '[', ']', '2n', '4p', ', ', '\n', ' ', '$(', ')', '1', 'é');
  const texts = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(texts, (cmd) => {
      const { scripts, problems } = renderScripts(batchOf('slurm'), stepOf(cmd, { nodes: '9', procs: '99' }));
      if (!cmd.includes('$(LAUNCHER)')) assert.ok(scripts.main.text.endsWith(`\n\n${cmd}\n`));
      else assert.ok(problems.length > 0 || !scripts.main.text.includes('$(LAUNCHER)'));
    }),
  );
});
