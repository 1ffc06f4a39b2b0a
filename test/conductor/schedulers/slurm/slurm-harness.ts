import { join } from 'node:path';
import { type RunCommand, runCommand } from '../../../../src/conductor/schedulers/command.ts';
import { createSlurmScheduler } from '../../../../src/conductor/schedulers/slurm/slurm-scheduler.ts';
import type { SchedulerHarness, Wish } from '../contract.ts';
import { ScriptSubmissions } from '../script-submissions.ts';
import { forgetfulQueue } from './forgetful-queue.ts';
import { PrivateSlurm, type PrivateSlurmOptions } from './private-slurm.ts';

/** A real Slurm for the contract: the node, the walltimes and the controller are what the tests do things to. */
export async function slurmHarness(options: PrivateSlurmOptions): Promise<SchedulerHarness> {
  const slurm = await PrivateSlurm.start(options);
  let losing = 0;
  const run: RunCommand = async (command) => {
    const result = await runCommand(command);
    if (!command.args.includes('sbatch') || losing === 0) return result;
    losing--;
    return { kind: 'cut', words: 'the answer was lost' };
  };
  const queue = forgetfulQueue(slurm, run);
  const submissions = new ScriptSubmissions(join(slurm.directory, 'jobs'), header);
  return {
    scheduler: createSlurmScheduler({ run: queue.run, environment: slurm.environment }),
    submission: (behaviours, wish) => submissions.make(behaviours, wish),
    release: (submission) => submissions.release(submission),
    refusal: { wish: { allocation: { queue: 'nosuch' } }, words: /invalid partition/i },
    loseNextAnswer: () => {
      losing++;
    },
    expire: async (job) => {
      await slurm.command('scontrol', 'update', `jobid=${job}`, 'EndTime=now+1');
    },
    failNode: async () => {
      const node = await slurm.command('sinfo', '--noheader', '--format=%n', '--partition=debug');
      await slurm.command('scontrol', 'update', `nodename=${node}`, 'state=down', 'reason=test');
      // slurmd registers again at once; what it runs is gone.
      await slurm.up();
    },
    forgetEnded: () => queue.forgetEnded(),
    hasAccounting: options.accounting,
    takeDown: () => slurm.down('slurmctld'),
    bringUp: () => slurm.up(),
    close: () => slurm.close(),
  };
}

function header({ held, allocation }: Wish): string[] {
  return [
    '#SBATCH --output=/dev/null',
    '#SBATCH --job-name="contract"',
    '#SBATCH --comment "a step\'s description"',
    ...(held === true ? ['#SBATCH --hold'] : []),
    ...(allocation?.queue === undefined ? [] : [`#SBATCH --partition=${allocation.queue}`]),
    ...(allocation?.walltimeSeconds === undefined
      ? []
      : [`#SBATCH --time=${Math.ceil(allocation.walltimeSeconds / 60)}`]),
  ];
}
