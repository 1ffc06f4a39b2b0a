import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PrivateSlurm, whyNoSlurm } from '../../conductor/schedulers/slurm/private-slurm.ts';
import { makePlace } from '../../e2e/harness.ts';

const options = { accounting: true } as const;

describe('the doctor and a real Slurm', { skip: whyNoSlurm(options) ?? false }, () => {
  let slurm: PrivateSlurm;
  const env = () => ({ SLURM_CONF: slurm.environment.SLURM_CONF ?? '' });

  before(async () => {
    slurm = await PrivateSlurm.start(options);
  });
  after(() => slurm.close());

  test('its partitions and accounts are told', async (t) => {
    const place = makePlace(t);
    const { code, stdout } = await place.maestro(['doctor', '--json'], { env: env() });
    assert.equal(code, 0);
    const [told] = JSON.parse(stdout).schedulers;
    assert.deepEqual([told.type, told.state, told.cluster], ['slurm', 'answers', 'private']);
    assert.deepEqual(
      told.partitions.map(({ name, cpusPerNode, maxSeconds }: Record<string, unknown>) => {
        return [name, cpusPerNode, maxSeconds];
      }),
      [
        ['debug', 8, 3600],
        ['batch', 8, undefined],
      ],
    );
    assert.ok(Array.isArray(told.associations));
  });

  test('what it would refuse is told before a run, and it does refuse that', async (t) => {
    const place = makePlace(t);
    const batch = { type: 'slurm', host: 'here', bank: 'root', queue: 'debug' };
    place.specification(
      [
        { name: 'wide', cmd: 'true', nodes: 2 },
        { name: 'long', cmd: 'true', nodes: 1, walltime: '2h' },
        { name: 'much', cmd: 'true', procs: 9 },
        { name: 'gpus', cmd: 'true', nodes: 1, gpus: 1 },
        { name: 'lost', cmd: 'true', nodes: 1, queue: 'debgu' },
        { name: 'fits', cmd: 'true', nodes: 1, walltime: '1m' },
      ],
      { batch },
    );
    const { stderr } = await place.maestro(['run', '-n', 'study.yaml'], { env: env() });
    const warned = stderr.trimEnd().split('\n');
    assert.deepEqual(
      warned.map((line) => /warning: (\w+)/.exec(line)?.[1]),
      ['wide', 'long', 'much', 'gpus', 'lost'],
    );
    for (const refused of ['-N2', '-t120', '-n9', '--gres=gpu:1', '-pdebgu']) {
      await assert.rejects(slurm.command('sbatch', '-pdebug', refused, '--wrap=true'), /submission failed/);
    }
    const fits = await slurm.command(
      'sbatch',
      '--parsable',
      '-pdebug',
      '-N1',
      '-t1',
      '-o/dev/null',
      '--wrap=true',
    );
    assert.match(fits, /^\d+$/);
  });

  test('a controller that is down is told, and nothing else', async (t) => {
    await slurm.down('slurmctld');
    t.after(() => slurm.up());
    const place = makePlace(t);
    place.specification([{ name: 'a', cmd: 'true', nodes: 1 }], {
      batch: { type: 'slurm', host: 'here', bank: 'root', queue: 'debug' },
    });
    const { code, stderr } = await place.maestro(['doctor', 'study.yaml'], { env: env() });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^study\.yaml:\d+:\d+: warning: Slurm did not answer, .*Unable to contact slurm controller/,
    );
    assert.equal(stderr.trimEnd().split('\n').length, 1);
  });
});
