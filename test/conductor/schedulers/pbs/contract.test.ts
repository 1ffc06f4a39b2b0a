import { createPbsScheduler } from '../../../../src/conductor/schedulers/pbs/pbs-scheduler.ts';
import { startFakePbs } from '../../../fakes/cluster/fake-pbs.ts';
import type { PbsSetup } from '../../../fakes/cluster/pbs-commands.ts';
import { schedulerContract, type Wish } from '../contract.ts';
import { fakeHarness } from '../fake-harness.ts';

function header({ held, allocation }: Wish): string[] {
  const { queue, walltimeSeconds } = allocation ?? {};
  return [
    '#PBS -N a_step',
    '#PBS -o step.out',
    '#PBS -e step.err',
    '#PBS -r n',
    ...(held === true ? ['#PBS -h'] : []),
    ...(queue === undefined ? [] : [`#PBS -q ${queue}`]),
    ...(walltimeSeconds === undefined ? [] : [`#PBS -l walltime=00:00:${walltimeSeconds}`]),
  ];
}

function contract(name: string, setup: Partial<PbsSetup> = {}): void {
  schedulerContract(name, () =>
    fakeHarness({
      start: (options) => startFakePbs(options, setup),
      adapter: ({ server }, run) =>
        createPbsScheduler({
          run,
          environment: server.environment(process.env),
          ...(setup.flavour === undefined ? {} : { flavour: setup.flavour }),
        }),
      header,
      refusal: { wish: { allocation: { queue: 'nosuch' } }, words: /^Unknown queue$/ },
      hasAccounting: false,
      isSubmission: (program) => program === 'qsub',
    }),
  );
}

contract('OpenPBS');
contract('Torque', { flavour: 'torque' });
