import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { makeOutputDataset } from '../../../src/orchestra/server/datasets/output-dataset.ts';
import { volumeDirectory } from '../../../src/orchestra/server/datasets/volume.ts';
import { send } from '../datasets/raw-uploads.ts';
import { servedCluster } from '../served-cluster.ts';

it('what a job leaves, of whatever times, kinds and names, brings down no server and shows nothing of it', async (t) => {
  const { addUser, connectionOf, cluster, data } = await servedCluster(t);
  await addUser('eve');
  const eve = await connectionOf('eve');
  const owner = cluster.store.prepare("SELECT id FROM user WHERE name = 'eve'").pluck().get() as number;
  const name = 'user.eve.task';
  makeOutputDataset(cluster, { name, owner });
  const output = join(volumeDirectory(cluster.directory, name), 'job_configId_0');
  mkdirSync(output);
  for (const [file, time] of Object.entries({ old: -1e9, future: 9e9, early: 1 })) {
    writeFileSync(join(output, file), 'content');
    // Node would take a time before 1970 for now.
    execFileSync('touch', ['-d', `@${time}`, join(output, file)]);
  }
  symlinkSync(join(data, 'orchestra.db'), join(output, 'link'));
  symlinkSync(data, join(output, 'directory'));
  execFileSync('mkfifo', [join(output, 'pipe')]);
  writeFileSync(join(output, '..\\..\\evil'), 'a path of another system');
  writeFileSync(join(output, 'two\nlines'), 'no name of a file');
  const { status, body } = await send(eve, 'GET', `/datasets/${name}`);
  assert.equal(status, 200);
  assert.deepEqual(
    body.contents.map(({ path }: { path: string }) => path.slice('job_configId_0/'.length)),
    ['early', 'future', 'old'],
  );
  const zip = await send(eve, 'GET', `/datasets/${name}/zip`);
  assert.equal(zip.status, 200);
  assert.equal(
    zip.body.split('job_configId_0/old').length,
    3,
    'it has the file, and its directory at the end',
  );
  for (const path of ['link', 'directory/orchestra.db', 'pipe', '../../../../orchestra.db', '/etc/passwd']) {
    const asked = await send(
      eve,
      'GET',
      `/datasets/${name}/file?path=${encodeURIComponent(`job_configId_0/${path}`)}`,
    );
    assert.ok([400, 404].includes(asked.status), `${path}: ${asked.status}`);
  }
  assert.equal((await send(eve, 'GET', '/me')).status, 200);
});
