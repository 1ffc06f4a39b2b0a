import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { datasetRoutes, userRoutes } from '../../../src/orchestra/api.ts';
import { type Connection, call } from '../../../src/orchestra/client/call.ts';
import { uploadDataset } from '../../../src/orchestra/client/datasets/upload-dataset.ts';
import { dataDirectory } from '../../../src/orchestra/server/data-directory.ts';
import { volumeDirectory } from '../../../src/orchestra/server/datasets/volume.ts';
import { AT_CONSOLE, addUser, atConsole, verifyStore } from '../../../src/orchestra/server/main.ts';
import { sha256, storeFiles } from './raw-uploads.ts';
import { filesIn } from './unzipped.ts';

const MAESTRO = fileURLToPath(new URL('../../../bin/maestro.js', import.meta.url));

/** How often the server is killed. $MAESTRO_KILLS asks for more. */
const KILLS = Number(process.env.MAESTRO_KILLS ?? 8);

/** A port that is free now, for a server that must come back at the same one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Starts a server as a process of its own and answers it once it serves. */
async function startServer(data: string, port: number): Promise<ChildProcess> {
  const args = [MAESTRO, 'orchestra', 'serve', '--data', data, '--port', String(port)];
  const server = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined },
  });
  const [line] = await once(createInterface(server.stdout!), 'line');
  assert.match(String(line), /^serving /);
  return server;
}

async function kill(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}

/** Numbers that look random and are the same for the same seed. */
function dice(seed: string): (below: number) => number {
  let count = 0;
  return (below) => createHash('sha256').update(`${seed} ${count++}`).digest().readUInt32BE() % below;
}

test(`a server that is killed ${KILLS} times loses nothing acknowledged, and shows no half file`, async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'maestro-killed-'));
  const seed = process.env.MAESTRO_SEED ?? randomBytes(4).toString('hex');
  t.diagnostic(`MAESTRO_SEED=${seed}`);
  const roll = dice(seed);
  const data = join(root, 'data');
  const port = await freePort();
  let server = await startServer(data, port);
  t.after(async () => {
    await kill(server);
    rmSync(root, { recursive: true, force: true });
  });
  await atConsole({ data }, async (cluster) => {
    await addUser(cluster, AT_CONSOLE, { name: 'ada', password: 'correct horse', state: 'active' });
  });
  const url = `http://127.0.0.1:${port}`;
  const { token } = await call({ server: url }, userRoutes.createToken, {
    body: { username: 'ada', password: 'correct horse' },
  });
  const ada: Connection = { server: url, token };

  // One user uploads a tree of large files, persevering; another stores pack after pack and remembers what was
  // acknowledged. After a random number of acknowledgements the server is killed.
  const source = join(root, 'source');
  mkdirSync(source);
  for (let file = 0; file < KILLS; file++)
    writeFileSync(join(source, `large${file}`), randomBytes(4_000_000));
  const memory = join(root, 'memory');
  const uploading = uploadDataset(ada, { dataset: 'user.ada.large', path: source }, { memory });
  uploading.catch(() => {});
  const acknowledged = new Map<string, string>();
  let packs = 0;
  const storeOne = async (): Promise<void> => {
    const pack = packs++;
    const files = Object.fromEntries(
      Array.from({ length: 1 + roll(30) }, (_, file) => [`${pack}/${file}`, `${pack} ${file} ${roll(1e9)}`]),
    );
    const answer = await storeFiles(ada, 'user.ada.small', files).catch(() => undefined);
    if (answer?.status !== 200) return;
    for (const [path, text] of Object.entries(files)) acknowledged.set(path, sha256(text));
  };
  for (let kills = 0; kills < KILLS; kills++) {
    const acks = 1 + roll(8);
    for (let ack = 0; ack < acks; ack++) await storeOne();
    // The kill comes while more is on its way.
    const underWay = [storeOne(), storeOne()];
    await new Promise((some) => setImmediate(some));
    await kill(server);
    await Promise.all(underWay);
    server = await startServer(data, port);
  }
  await uploading;
  await storeOne();

  const { contents } = await call(ada, datasetRoutes.showDataset, { params: { dataset: 'user.ada.small' } });
  const listed = new Map(contents.map((file) => [file.path, file.sha256 ?? '']));
  assert.ok(acknowledged.size > KILLS, `${acknowledged.size} files`);
  for (const [path, hash] of acknowledged) assert.equal(listed.get(path), hash, path);
  const directory = dataDirectory(data);
  const shown = filesIn(volumeDirectory(directory, 'user.ada.small'));
  assert.deepEqual(shown, listed, 'the volume shows what is listed, whole');
  assert.deepEqual(filesIn(volumeDirectory(directory, 'user.ada.large')), filesIn(source));
  assert.deepEqual((await atConsole({ data }, (cluster) => verifyStore(cluster))).lost, []);
});
