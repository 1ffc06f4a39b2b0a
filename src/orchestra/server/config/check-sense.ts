import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Finding } from '../../../shared/spec/finding.ts';
import type { SpecPath } from '../../../shared/spec/specification.ts';
import type { ClusterConfig } from './config.ts';

/** What is wrong with a configuration that fits its schema. Files are named from the data directory. */
export function checkSense(config: ClusterConfig, dataDirectory: string): Finding[] {
  return [
    ...checkUrl(config),
    ...checkProxies(config),
    ...checkTls(config, dataDirectory),
    ...checkQueues(config),
    ...checkPasswordFile(config, dataDirectory),
    ...checkReaping(config),
  ];
}

const wrong = (path: SpecPath, message: string, mend: string): Finding => ({
  severity: 'error',
  path,
  atKey: false,
  message,
  mend,
});

function checkUrl({ server: { url } }: ClusterConfig): Finding[] {
  if (url === undefined || (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) return [];
  const mend = 'write an address, as in https://cluster.example.org';
  return [wrong(['server', 'url'], `server.url is '${url}', which is no address of a web server`, mend)];
}

const PROXY_WORDS: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal']);

function checkProxies({ server: { trustProxy } }: ClusterConfig): Finding[] {
  if (typeof trustProxy !== 'string') return [];
  return trustProxy
    .split(',')
    .map((part) => part.trim())
    .filter((part) => !PROXY_WORDS.has(part) && !isNetwork(part))
    .map((part) =>
      wrong(
        ['server', 'trustProxy'],
        `server.trustProxy has '${part}', which is no address`,
        'write addresses, networks as in 10.0.0.0/8, or loopback, with commas between them',
      ),
    );
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address) as 0 | 4 | 6];
  const isSound = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest);
  return longest > 0 && rest.length === 0 && isSound;
}

function checkTls({ server: { tls } }: ClusterConfig, dataDirectory: string): Finding[] {
  if (tls === undefined) return [];
  const unreadable = (['cert', 'key'] as const).flatMap((part) =>
    checkFile(['server', 'tls', part], tls[part], dataDirectory),
  );
  if (unreadable.length > 0) return unreadable;
  const [cert, key] = [tls.cert, tls.key].map((file) => readFileSync(resolve(dataDirectory, file)));
  try {
    createSecureContext({ cert: cert!, key: key! });
    return [];
  } catch (error) {
    const message = `server.tls has a certificate and a key that do not work: ${(error as Error).message}`;
    return [wrong(['server', 'tls'], message, 'name files in PEM that belong together')];
  }
}

function checkPasswordFile({ mail: { smtp } }: ClusterConfig, dataDirectory: string): Finding[] {
  const file = smtp?.passwordFile;
  return file === undefined ? [] : checkFile(['mail', 'smtp', 'passwordFile'], file, dataDirectory);
}

function checkFile(path: SpecPath, file: string, dataDirectory: string): Finding[] {
  const full = resolve(dataDirectory, file);
  try {
    readFileSync(full);
    return [];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = `${path.join('.')} names ${full}, which cannot be read (${code})`;
    return [wrong(path, message, 'name a file that the server may read')];
  }
}

function checkQueues({ queues }: ClusterConfig): Finding[] {
  const names = queues.map(({ name }) => name);
  return queues.flatMap(({ name, slots, gpus }, index) => {
    const found: Finding[] = [];
    if (names.indexOf(name) < index) {
      found.push(wrong(['queues', index, 'name'], `there are two queues '${name}'`, 'rename one of them'));
    }
    if (gpus !== undefined && gpus.length < slots) {
      const message = `gpus of queue '${name}' has ${gpus.length} for ${slots} slots`;
      found.push(wrong(['queues', index, 'gpus'], message, `name one for each slot, or lower slots`));
    }
    if (gpus !== undefined && new Set(gpus).size < gpus.length) {
      const message = `gpus of queue '${name}' names a device twice`;
      found.push(
        wrong(['queues', index, 'gpus'], message, 'name each once: a slot has its device for itself'),
      );
    }
    return found;
  });
}

function checkReaping({ reaping }: ClusterConfig): Finding[] {
  const steps = ['warnDays', 'warnAgainDays', 'removeDays'] as const;
  return steps.slice(1).flatMap((step, index) => {
    const before = steps[index]!;
    if (reaping[step] >= reaping[before]) return [];
    const message = `reaping.${step} is ${reaping[step]}, before ${before} (${reaping[before]})`;
    return [wrong(['reaping', step], message, `write at least ${reaping[before]}`)];
  });
}
