import { schedulerContract } from '../contract.ts';
import { whyNoSlurm } from './private-slurm.ts';
import { slurmHarness } from './slurm-harness.ts';

const options = { accounting: false } as const;

schedulerContract('Slurm without accounting', () => slurmHarness(options), whyNoSlurm(options));
