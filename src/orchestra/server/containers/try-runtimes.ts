import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { quoteForShell } from '../../../shared/quote-for-shell.ts';
import type { Trial } from './choose-runtime.ts';
import type { Image } from './container-plan.ts';
import type { ConcreteRuntime, Runtime } from './runtime.ts';
import { RUNTIMES } from './runtimes.ts';
import { shellText } from './shell-text.ts';
import { makeTrialImage } from './trial-image.ts';

/** How long a trivial container may take: an image store on a slow disk is set up at the first one. Milliseconds. */
const TRIAL_LIMIT_MS = 30_000;

/** What a container is to do: leave a file, be able to write nothing else, and see no network but its own loopback. */
const TRIAL = `
while read -r name rest; do
  case $name in lo:* | Inter* | face*) ;; *) echo "it does not keep jobs from the network ($name)" >&2; exit 1 ;; esac
done < /proc/net/dev
if (: > /volume/trial/written) 2>/dev/null; then echo 'it lets jobs write into all directories' >&2; exit 1; fi
echo ran > "$OUT/ran"`;

/** For runtimes that run nothing but what is in their own store. */
const IMPORT = 'tar -C "$1" -c . | docker import - "$2" >/dev/null';

interface TrialPlace {
  readonly directory: string;
  /** Names what a trial makes, apart from what is of other clusters. */
  readonly name: string;
}

/** Runs a trivial container by each of these runtimes, below a directory of the cluster's own, and tells which of them work. */
export async function tryRuntimes(
  scratch: string,
  clusterName: string,
  names: readonly ConcreteRuntime[],
): Promise<Map<ConcreteRuntime, Trial>> {
  const place = { directory: mkdtempSync(join(scratch, '.trial-')), name: `${clusterName}-trial` };
  try {
    await makeTrialImage(join(place.directory, 'image'));
    const trials = RUNTIMES.filter(({ name }) => names.includes(name)).map(
      async (runtime) => [runtime.name, await tryRuntime(runtime, place)] as const,
    );
    return new Map(await Promise.all(trials));
  } finally {
    rmSync(place.directory, { recursive: true, force: true });
  }
}

async function tryRuntime(runtime: Runtime, place: TrialPlace): Promise<Trial> {
  // Nothing is promised of jobs without a container.
  if (runtime.name === 'none') return { works: true };
  const volume = join(place.directory, runtime.name);
  const output = join(volume, 'out');
  mkdirSync(output, { recursive: true });
  const image = await trialImage(runtime, place);
  if (typeof image === 'string') return { works: false, why: image };
  const call = runtime.call({
    image,
    volume,
    owner: 'trial',
    user: `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`,
    hasNetwork: false,
    memory: undefined,
    processes: undefined,
    hasGpu: false,
  });
  const inside = '/volume/trial/out';
  const command = `OUT=${inside}${TRIAL}`;
  const variables = { output, inside, command, container: place.name, devices: '-1' };
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${quoteForShell(value)}`);
  const complaint = await run([...assignments, shellText(call)].join('\n'), []);
  return existsSync(join(output, 'ran'))
    ? { works: true }
    : { works: false, why: complaint ?? 'it ran nothing' };
}

/** The image of the trials as the runtime takes it, or why it does not. */
async function trialImage({ takes }: Runtime, { directory, name }: TrialPlace): Promise<Image | string> {
  const path = join(directory, 'image');
  if (takes.includes('directory')) return { kind: 'directory', path };
  return (await run(IMPORT, [path, name])) ?? { kind: 'reference', name };
}

/** Runs a piece of shell; answers why it failed. */
async function run(script: string, args: readonly string[]): Promise<string | undefined> {
  const { stderr, timedOut, exitCode } = await execa('/bin/sh', ['-c', script, 'sh', ...args], {
    reject: false,
    stdin: 'ignore',
    timeout: TRIAL_LIMIT_MS,
  });
  if (timedOut) return `it takes longer than ${TRIAL_LIMIT_MS / 1000} s`;
  if (/: not found$/m.test(stderr)) return 'it is not installed';
  return exitCode === 0 ? undefined : stderr.trim().split('\n').at(-1) || `exit code ${exitCode}`;
}
