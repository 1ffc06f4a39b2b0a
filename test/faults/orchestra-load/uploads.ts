import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deleteDataset } from '../../../src/orchestra/api/datasets.ts';
import { call } from '../../../src/orchestra/client/call.ts';
import { uploadDataset } from '../../../src/orchestra/client/datasets/upload-dataset.ts';
import { sha256, storeFiles } from '../../orchestra/datasets/raw-uploads.ts';
import { oldClient } from '../../orchestra/server/legacy/old-client.ts';
import { butFor, impatientClock, insist, note, type Scene, type User } from './scene.ts';

/** Content that is the same for the same random numbers: of so many bytes, in which nothing repeats. */
function contentOf(random: () => number, bytes: number): Buffer {
  const content = Buffer.alloc(bytes);
  for (let at = 0; at + 4 <= bytes; at += 4) content.writeUInt32LE(Math.floor(random() * 2 ** 32), at);
  return content;
}

/** Few of them, so that files of several users have the same content. */
const sharedText = (random: () => number): string => `shared ${Math.floor(random() * 40)}`;

function fewFiles(random: () => number, name: string): Record<string, string> {
  const count = 1 + Math.floor(random() * 20);
  const text = (): string => (random() < 0.5 ? sharedText(random) : `${name} ${random()}`);
  return Object.fromEntries(Array.from({ length: count }, (_, file) => [`${name}/${file}.txt`, text()]));
}

/** Stores a pack of small files, and knows them. */
async function storeKnown(
  scene: Scene,
  user: User,
  dataset: string,
  files: Record<string, string>,
): Promise<void> {
  const { known, connections } = scene;
  const hashes = Object.entries(files).map(([path, text]): [string, string] => [path, sha256(text)]);
  note(known.meant, dataset, hashes);
  const { result } = await insist(scene, () => storeFiles(connections[user], dataset, files));
  assert.equal(result.status, 200, JSON.stringify(result.body));
  note(known.stored, dataset, hashes);
}

/** Stores pack after pack of small files in one dataset. */
export async function storePacks(scene: Scene, random: () => number): Promise<void> {
  for (let pack = 0; !scene.isOver(); pack++) {
    await storeKnown(scene, 'ada', 'user.ada.small', fewFiles(random, `pack${pack}`));
  }
}

/** Uploads directory after directory of large and small files; each upload goes on where it was cut off. */
export async function uploadDirectories(scene: Scene, random: () => number): Promise<void> {
  const { known, connections, directory } = scene;
  for (let round = 0; !scene.isOver(); round++) {
    const dataset = `user.bob.large${round}`;
    const path = join(directory, dataset);
    mkdirSync(path);
    const hashes = [3e6, 1.5e6, 3e5, 1e4, 10].map((most, file): [string, string] => {
      const content = contentOf(random, Math.ceil(most * (0.5 + random() / 2)));
      writeFileSync(join(path, `file${file}`), content);
      return [`file${file}`, sha256(content)];
    });
    note(known.meant, dataset, hashes);
    const options = { memory: join(directory, 'memory'), clock: impatientClock };
    await insist(scene, () => uploadDataset(connections.bob, { dataset, path }, options));
    note(known.stored, dataset, hashes);
    rmSync(path, { recursive: true });
  }
}

/** Uploads file after file by the old wire, whose clients know no resuming: they send the file again. */
export async function uploadByOldWire(scene: Scene, random: () => number): Promise<void> {
  const { known, connections } = scene;
  const { server, token } = connections.dora;
  const fields = { username: 'dora', credentials: `$dora$${token}`, datasetname: 'user.dora.old' };
  for (let file = 0; !scene.isOver(); file++) {
    const text = random() < 0.5 ? sharedText(random) : 'x'.repeat(Math.floor(random() * 2e5));
    const stored: [string, string] = [`file${file}`, sha256(text)];
    note(known.meant, fields.datasetname, [stored]);
    const { result, isRepeated } = await insist(scene, () =>
      oldClient(server).upload(fields, `file${file}`, text),
    );
    // What it has sent before may have been stored, without a word of it.
    assert.ok(result.error_code === 200 || (isRepeated && result.error_code === 409), JSON.stringify(result));
    note(known.stored, fields.datasetname, [stored]);
  }
}

/** Makes dataset after dataset and deletes most of them. */
export async function deleteDatasets(scene: Scene, random: () => number): Promise<void> {
  const { known, connections } = scene;
  for (let round = 0; !scene.isOver(); round++) {
    const dataset = `user.fred.passing${round}`;
    await storeKnown(scene, 'fred', dataset, fewFiles(random, `${round}`));
    if (random() < 0.3) continue;
    known.stored.delete(dataset);
    await insist(scene, () => call(connections.fred, deleteDataset, { params: { dataset } })).catch(
      butFor('not-found'),
    );
    known.deleted.add(dataset);
  }
}
