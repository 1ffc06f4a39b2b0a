import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { quoteForShell } from '../../../shared/quote-for-shell.ts';
import type { Trial } from './choose-runtime.ts';
import type { ConcreteRuntime, Runtime } from './runtime.ts';
import { RUNTIMES } from './runtimes.ts';
import { shellText } from './shell-text.ts';
import { makeTrialImage } from './trial-image.ts';

/** How long a trivial container may take: an image store on a slow disk is set up at the first one. Milliseconds. */
const TRIAL_LIMIT_MS = 30_000;

/** What a container is to do: leave a file, and see no network but its own loopback. */
const TRIAL = `
while read -r name rest; do
  case $name in lo:* | Inter* | face*) ;; *) echo "it does not keep jobs from the network ($name)" >&2; exit 1 ;; esac
done < /proc/net/dev
echo ran > "$OUT/ran"`;

/** Runs a trivial container by every runtime, below a directory of the cluster's own, and tells which of them work. */
export async function tryRuntimes(
  scratch: string,
  clusterName: string,
): Promise<Map<ConcreteRuntime, Trial>> {
  const directory = mkdtempSync(join(scratch, '.trial-'));
  try {
    await makeTrialImage(join(directory, 'image'));
    const trials = await Promise.all(
      RUNTIMES.map(
        async (runtime) => [runtime.name, await tryRuntime(runtime, directory, clusterName)] as const,
      ),
    );
    return new Map(trials);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function tryRuntime(runtime: Runtime, directory: string, clusterName: string): Promise<Trial> {
  // Nothing is promised of jobs without a container.
  if (runtime.name === 'none') return { works: true };
  const output = join(directory, runtime.name, 'out');
  mkdirSync(output, { recursive: true });
  const inside = '/volume/trial/out';
  const call = runtime.call({
    image: { kind: 'directory', path: join(directory, 'image') },
    volume: join(directory, runtime.name),
    owner: 'trial',
    hasNetwork: false,
    memory: undefined,
    processes: undefined,
    hasGpu: false,
  });
  const variables = {
    output,
    inside,
    container: `${clusterName}-trial`,
    devices: '-1',
    command: `OUT=${inside}${TRIAL}`,
  };
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${quoteForShell(value)}`);
  const { stderr, timedOut, exitCode } = await execa(
    '/bin/sh',
    ['-c', [...assignments, shellText(call)].join('\n')],
    {
      reject: false,
      stdin: 'ignore',
      timeout: TRIAL_LIMIT_MS,
      maxBuffer: 64 * 1024,
    },
  );
  if (existsSync(join(output, 'ran'))) return { works: true };
  const said = stderr.trim().split('\n').at(-1);
  if (timedOut) return { works: false, why: `it takes longer than ${TRIAL_LIMIT_MS / 1000} s` };
  if (exitCode === 127 && /not found/.test(stderr)) return { works: false, why: 'it is not installed' };
  return { works: false, why: said || `exit code ${exitCode}` };
}
