import { schedulerContract } from '../contract.ts';
import { whyNoSlurm } from './private-slurm.ts';
import { slurmHarness } from './slurm-harness.ts';

/** Comments are not stored, as at many sites: what accounting finds, it finds by the line of submission. */
const options = { accounting: true, comments: false } as const;

schedulerContract('Slurm with accounting', () => slurmHarness(options), whyNoSlurm(options));
