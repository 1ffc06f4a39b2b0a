import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Refusal } from '../../../../src/orchestra/refusal.ts';
import { chooseRuntime, type Trial } from '../../../../src/orchestra/server/containers/choose-runtime.ts';
import type { ContainerPlan, Image } from '../../../../src/orchestra/server/containers/container-plan.ts';
import { imageOf } from '../../../../src/orchestra/server/containers/images.ts';
import type { ConcreteRuntime } from '../../../../src/orchestra/server/containers/runtime.ts';
import { RUNTIMES, runtimeOf } from '../../../../src/orchestra/server/containers/runtimes.ts';
import { shellText } from '../../../../src/orchestra/server/containers/shell-text.ts';
import { jobOfContainer } from '../../../../src/orchestra/server/containers/sweep.ts';

const REFERENCE: Image = { kind: 'reference', name: 'team/tool:1.2' };
const DIRECTORY: Image = { kind: 'directory', path: '/data/images/it is' };

function callOf(name: ConcreteRuntime, changes: Partial<ContainerPlan>): string {
  const plan: ContainerPlan = {
    image: REFERENCE,
    volume: '/data/volume/ada',
    owner: 'ada',
    user: '1000:100',
    hasNetwork: false,
    memory: undefined,
    processes: undefined,
    hasGpu: false,
    ...changes,
  };
  return shellText(runtimeOf(name).call(plan));
}

describe('the call of a runtime', () => {
  it('is a named container without network, with its limits, as the user that serves, for docker', () => {
    assert.equal(
      callOf('docker', { memory: 512, processes: 20 }),
      `docker run --rm --name "$container" --label maestro --user 1000:100 --network none --read-only --tmpfs /tmp:size=512m ` +
        `--cap-drop all --security-opt no-new-privileges --memory 512m --pids-limit 20 ` +
        `--volume /data/volume/ada:/volume/ada:ro --volume "$output":"$inside" --workdir "$inside" ` +
        `--env HOME=/tmp --env CUDA_VISIBLE_DEVICES="$devices" --entrypoint '' team/tool:1.2 /bin/sh -c "$command"`,
    );
    assert.equal(shellText(runtimeOf('docker').end!), 'docker rm --force "$container"');
  });

  it('takes directories, SIF files and registries, for apptainer', () => {
    assert.equal(
      callOf('apptainer', { hasGpu: true }),
      'apptainer --quiet exec --containall --cleanenv --no-home --net --network none --nv --env HOME=/tmp ' +
        '--env CUDA_VISIBLE_DEVICES="$devices" --bind /data/volume/ada:/volume/ada:ro --bind "$output":"$inside" ' +
        '--pwd "$inside" docker://team/tool:1.2 /bin/sh -c "$command"',
    );
    assert.match(
      callOf('apptainer', { image: { kind: 'sif', path: '/i/a.sif' } }),
      / \/i\/a\.sif \/bin\/sh /,
    );
    assert.match(callOf('apptainer', { image: DIRECTORY }), / '\/data\/images\/it is' \/bin\/sh /);
  });

  it('asks for no network unless the queue has one', () => {
    const without = /--unshare-all|--net\b|--network none/;
    for (const { name, takes } of RUNTIMES.filter((runtime) => runtime.name !== 'none')) {
      const image = takes.includes('directory') ? DIRECTORY : REFERENCE;
      assert.match(callOf(name, { image }), without);
      const open = callOf(name, { image, hasNetwork: true });
      assert.ok(name === 'bwrap' ? open.includes('--share-net') : !without.test(open), open);
    }
  });

  it('limits memory and processes by the shell where the runtime does not', () => {
    const call = callOf('bwrap', { image: DIRECTORY, memory: 2, processes: 5 });
    assert.match(call, /ulimit -v .* sh 2048 5 "\$command"$/);
    assert.match(call, / --size 2097152 --tmpfs \/tmp /);
  });
});

describe('the choice of a runtime', () => {
  const works: Trial = { works: true };
  const fails: Trial = { works: false, why: 'it is not installed' };
  const queue = { name: 'cpu', slots: 1 };

  it('is the fastest that works and takes the image', () => {
    const trials = new Map<ConcreteRuntime, Trial>([
      ['bwrap', works],
      ['podman', works],
      ['none', works],
    ]);
    assert.equal(chooseRuntime(queue, DIRECTORY, trials).name, 'bwrap');
    assert.equal(chooseRuntime(queue, REFERENCE, trials).name, 'podman');
    assert.equal(chooseRuntime({ ...queue, runtime: 'none' }, REFERENCE, trials).name, 'none');
  });

  it('is refused with reasons, and never becomes none by itself', () => {
    const trials = new Map<ConcreteRuntime, Trial>([
      ['bwrap', fails],
      ['none', works],
    ]);
    assert.throws(
      () => chooseRuntime(queue, DIRECTORY, trials),
      /bwrap: it is not installed; charliecloud: not tried/,
    );
    assert.throws(
      () => chooseRuntime(queue, REFERENCE, new Map([['bwrap', works]])),
      (error: Refusal) =>
        error.code === 'unprocessable' && /there is no image team\/tool:1\.2/.test(error.message),
    );
  });
});

describe('the name of a container', () => {
  it('tells which job of which cluster it is of', () => {
    assert.deepEqual(jobOfContainer('maestro-ab-7-1-20', 'maestro-ab'), { id: 7, run: 1, number: 20 });
    for (const name of ['maestro-abc-7-1-20', 'maestro-ab-trial', 'postgres', '']) {
      assert.equal(jobOfContainer(name, 'maestro-ab'), undefined);
    }
  });
});

describe('the name of an image', () => {
  it('is no option and no path', () => {
    for (const name of [
      '-v',
      '--rm',
      '',
      '../x',
      'a/../b',
      '/etc',
      'a b',
      'a;b',
      'a\nb',
      '.hidden',
      'a//b',
    ]) {
      assert.throws(() => imageOf('/nowhere', name), Refusal, name);
    }
    for (const name of [
      'busybox',
      'team/tool:1.2',
      'registry.org:5000/team/tool:1',
      `a@sha256:${'0'.repeat(64)}`,
    ]) {
      assert.deepEqual(imageOf('/nowhere', name), { kind: 'reference', name });
    }
  });
});
