import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { addImage, removeImage } from '../../../../src/orchestra/server/containers/add-image.ts';
import { listImages } from '../../../../src/orchestra/server/containers/images.ts';
import { createEntryCheck } from '../../../../src/orchestra/server/containers/unpack-image.ts';
import { type TemporaryCluster, temporaryCluster } from '../temporary-cluster.ts';

describe('images of a cluster', () => {
  let cluster: TemporaryCluster;
  let root: string;
  before(() => {
    cluster = temporaryCluster();
    root = join(cluster.directory.root, 'rootfs');
    mkdirSync(join(root, 'usr/bin'), { recursive: true });
    writeFileSync(join(root, 'usr/bin/dash'), '', { mode: 0o755 });
    symlinkSync('/usr/bin/dash', join(root, 'usr/bin/sh'));
    symlinkSync('usr/bin', join(root, 'bin'));
  });
  after(() => cluster.remove());

  const tarOf = (name: string, ...args: readonly string[]): string => {
    const file = join(cluster.directory.root, name);
    execFileSync('tar', ['-cPf', file, '-C', root, ...args]);
    return file;
  };

  it('are added as directories and tars, replaced, listed and removed', async () => {
    await addImage(cluster, 'plain', root);
    await addImage(cluster, 'team/tool:1', tarOf('image.tar', '.'));
    await addImage(cluster, 'team/tool:1', tarOf('image.tar.gz', '-z', '.'));
    const names = listImages(cluster.directory.images).map(({ name, kind }) => [name, kind]);
    assert.deepEqual(names, [
      ['plain', 'directory'],
      ['team/tool:1', 'directory'],
    ]);
    const unpacked = join(cluster.directory.images, encodeURIComponent('team/tool:1'));
    assert.equal(readlinkSync(join(unpacked, 'usr/bin/sh')), '/usr/bin/dash');
    assert.ok(existsSync(join(unpacked, 'volume')));
    removeImage(cluster, 'plain');
    removeImage(cluster, 'team/tool:1');
    assert.deepEqual(readdirSync(cluster.directory.images), []);
    assert.throws(() => removeImage(cluster, 'plain'), /the cluster has no image plain/);
  });

  it('leave nothing behind where they are refused', async () => {
    const outside = tarOf('outside.tar', '--transform', 's,usr/bin/dash,../../escaped,', 'usr/bin/dash');
    await assert.rejects(
      addImage(cluster, 'bad', outside),
      /the path \.\.\/\.\.\/escaped leads out of the image/,
    );
    const noTar = join(cluster.directory.root, 'no.tar');
    writeFileSync(noTar, 'x'.repeat(5000));
    await assert.rejects(addImage(cluster, 'bad', noTar), /cannot be unpacked/);
    await assert.rejects(addImage(cluster, 'bad', join(root, 'usr/bin')), /has no \/bin\/sh/);
    await assert.rejects(addImage(cluster, '-bad', root), /cannot be the name of an image/);
    assert.deepEqual(readdirSync(cluster.directory.images), []);
    assert.ok(!existsSync(join(cluster.directory.root, 'escaped')));
  });
});

describe('the entries of a tar', () => {
  const link = (path: string, linkpath: string) => ({ type: 'SymbolicLink', path, linkpath });
  const hard = (path: string, linkpath: string) => ({ type: 'Link', path, linkpath });
  const file = (path: string) => ({ type: 'File', path, linkpath: undefined });

  it('may link where they like, and be written where no link has led', () => {
    const check = createEntryCheck();
    const entries = [
      link('./a', '/etc'),
      link('b', '../..'),
      file('./c/d'),
      hard('e', './c/d'),
      file('ab/c'),
    ];
    assert.deepEqual(entries.map(check), [undefined, undefined, undefined, undefined, undefined]);
  });

  it('are refused where they lead out, by their path, a hard link, or a link before them', () => {
    const check = createEntryCheck();
    check(link('./a', '/etc'));
    check(hard('twin', 'a'));
    assert.match(check(file('/etc/passwd'))!, /is absolute/);
    assert.match(check(file('x/../../y'))!, /leads out/);
    assert.match(check(file('a//passwd'))!, /through a symbolic link/);
    assert.match(check(file('./twin/passwd'))!, /through a symbolic link/);
    assert.match(check(hard('p', '/etc/shadow'))!, /hard link p to \/etc\/shadow is absolute/);
    assert.match(check(hard('p', 'a/shadow'))!, /through a symbolic link/);
  });
});
