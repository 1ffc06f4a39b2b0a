import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { addBusyboxImage } from '../../busybox-image.ts';
import { servedCluster } from '../../served-cluster.ts';

it('a client in Python goes from logging in to its results', async (test) => {
  const { url, cluster, addUser } = await servedCluster(test);
  addBusyboxImage(cluster.directory.images);
  await addUser('ada', { password: 'correct horse' });
  const script = fileURLToPath(new URL('old_client.py', import.meta.url));
  const { stdout } = await execa('python3', [script, url, 'ada', 'correct horse']);
  assert.equal(stdout, 'all is well');
});
