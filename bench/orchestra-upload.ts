import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Bench, runIfMain } from './claim.ts';
import { inSeconds, MAESTRO, median, type Scratch, settle, use, withScratch } from './measure.ts';

const LARGE_BYTES = 2 * 1024 ** 3;
const SMALL_FILES = 10_000;
const SMALL_BYTES = 1024;
const ROUNDS = 3;
const LIMIT_RATIO = 1.5;
const LIMIT_SERVER_BYTES = 200 * 1024 * 1024;
/** 400 files a second. */
const LIMIT_SMALL_SECONDS = SMALL_FILES / 400;

const PASSWORD = 'a password of the bench';

/** Bytes that no disk or file system could make less of, the same at every run. */
function block(index: number): Buffer {
  const seed = createHash('sha256').update(`block ${index}`).digest();
  return Buffer.concat(
    Array.from({ length: 32_768 }, (_, part) => {
      const piece = Buffer.from(seed);
      piece.writeUInt32BE(part);
      return piece;
    }),
  );
}

function writeLarge(file: string): void {
  const descriptor = openSync(file, 'w');
  for (let index = 0; index < LARGE_BYTES / (32_768 * 32); index++) writeSync(descriptor, block(index));
  closeSync(descriptor);
}

/** The most that a process has had in memory. */
function peakBytes({ pid }: ChildProcess): number {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}

/** A cluster of the bench's own, and somebody who has authenticated there. */
async function withServer<T>(
  { directory, env }: Scratch,
  work: (castor: (...args: string[]) => number, server: ChildProcess) => T,
): Promise<T> {
  const data = join(directory, 'data');
  const command = [MAESTRO, 'orchestra', 'serve', '--data', data, '--port', '0'];
  const server = spawn(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = await once(createInterface(server.stdout), 'line');
    const [url] = /http:\S+/.exec(String(line)) ?? [];
    if (url === undefined) throw new Error(`the server said: ${line}`);
    const home = { ...env, HOME: directory, MAESTRO_SERVER: url };
    const maestro = (...args: string[]): number =>
      use([process.execPath, MAESTRO, ...args], { env: home }).seconds;
    const passwordFile = join(directory, 'password');
    writeFileSync(passwordFile, `${PASSWORD}\n`);
    const shell = (args: string) =>
      use(['bash', '-c', `"$0" "$1" ${args} < "$2"`, process.execPath, MAESTRO, passwordFile], { env: home });
    shell(`orchestra user add ada --data '${data}' --activate --password-stdin`);
    shell('authenticate -u ada');
    return work((...args) => maestro('castor', ...args), server);
  } finally {
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  }
}

/** Uploads over loopback by the command, against hashing and copying the same file. */
export const orchestraUpload: Bench = {
  work: 'upload over loopback, verified by SHA-256 and on the disk for good',
  measure: () =>
    withScratch((scratch) =>
      withServer(scratch, (castor, server) => {
        const { directory } = scratch;
        const large = join(directory, 'large');
        const copy = join(directory, 'copy');
        writeLarge(large);
        const rounds = Array.from({ length: ROUNDS }, (_, round) => {
          settle();
          const hashed = use(['openssl', 'dgst', '-sha256', large]).seconds;
          const copied = use(['cp', large, copy]).seconds;
          rmSync(copy);
          settle();
          const dataset = `user.ada.large${round}`;
          const uploaded = castor('upload', '-d', dataset, '-p', large);
          castor('delete', '-d', dataset);
          return { uploaded, bare: hashed + copied };
        });
        const peak = peakBytes(server);
        rmSync(large);

        const small = join(directory, 'small');
        mkdirSync(small);
        for (let file = 0; file < SMALL_FILES; file++) {
          writeFileSync(join(small, `${file}`), block(file).subarray(0, SMALL_BYTES));
        }
        settle();
        const seconds = castor('upload', '-d', 'user.ada.small', '-p', small);
        const best = rounds.map(({ uploaded, bare }) => uploaded / bare);
        const detail = rounds
          .map(({ uploaded, bare }) => `${inSeconds(uploaded)} / ${inSeconds(bare)}`)
          .join(', ');
        return [
          {
            what: '2 GiB against openssl and cp',
            limit: LIMIT_RATIO,
            measured: median(best),
            unit: 'times',
            detail,
          },
          { what: 'server, peak', limit: LIMIT_SERVER_BYTES, measured: peak, unit: 'bytes', detail: '' },
          {
            what: '10,000 files of 1 KiB',
            limit: LIMIT_SMALL_SECONDS,
            measured: seconds,
            unit: 'seconds',
            detail: `${Math.round(SMALL_FILES / seconds)} files/s`,
          },
        ] as const;
      }),
    ),
};

await runIfMain(import.meta.url, orchestraUpload);
