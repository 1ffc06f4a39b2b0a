import { createLsfScheduler } from '../../../../src/conductor/schedulers/lsf/lsf-scheduler.ts';
import { startFakeLsf } from '../../../fakes/cluster/fake-lsf.ts';
import { schedulerContract, type Wish } from '../contract.ts';
import { fakeHarness } from '../fake-harness.ts';

function header({ held, allocation }: Wish): string[] {
  const { queue, walltimeSeconds } = allocation ?? {};
  return [
    '#BSUB -J "a step"',
    '#BSUB -o step.%J.out',
    '#BSUB -e step.%J.err',
    ...(held === true ? ['#BSUB -H'] : []),
    ...(queue === undefined ? [] : [`#BSUB -q ${queue}`]),
    ...(walltimeSeconds === undefined ? [] : [`#BSUB -W ${Math.ceil(walltimeSeconds / 60)}`]),
  ];
}

schedulerContract('LSF', () =>
  fakeHarness({
    start: startFakeLsf,
    adapter: ({ server }, run) => createLsfScheduler({ run, environment: server.environment(process.env) }),
    header,
    refusal: {
      wish: { allocation: { queue: 'nosuch' } },
      words: /^nosuch: No such queue\. Job not submitted\.$/,
    },
    hasAccounting: true,
    isSubmission: (program) => program === 'bsub',
  }),
);
