import { PrivateSlurm, whyNoSlurm } from '../test/conductor/schedulers/slurm/private-slurm.ts';
import { type Scratch, withScratch } from './measure.ts';

/** A batch block for the private Slurm that has its jobs held: they wait, and cost nothing but their place. */
export const HELD = { type: 'slurm', host: 'here', bank: 'root', queue: 'debug', args: { hold: true } };

/**
 * Calls `work` with a private Slurm that has no jobs, and a scratch directory whose environment leads there.
 *
 * @throws Error that says how to install it where it is missing
 */
export async function withSlurm<T>(work: (slurm: PrivateSlurm, scratch: Scratch) => Promise<T>): Promise<T> {
  const options = { accounting: false };
  const missing = whyNoSlurm(options);
  if (missing !== undefined) {
    const packages = 'munge slurmctld slurmd slurm-client';
    throw new Error(`${missing}; it is needed, as root (Debian: apt-get install ${packages})`);
  }
  const slurm = await PrivateSlurm.start(options);
  try {
    return await withScratch(({ directory, env }) =>
      work(slurm, { directory, env: { ...env, SLURM_CONF: slurm.environment.SLURM_CONF } }),
    );
  } finally {
    await slurm.close();
  }
}

/** Empties the queue. */
export async function emptyQueue(slurm: PrivateSlurm): Promise<void> {
  await slurm.command('scancel', '--user=root');
}
