import { createFluxScheduler } from '../../../../src/conductor/schedulers/flux/flux-scheduler.ts';
import { type FakeFlux, startFakeFlux } from '../../../fakes/cluster/fake-flux.ts';
import { schedulerContract, type Wish } from '../contract.ts';
import { type FakeKind, fakeHarness } from '../fake-harness.ts';

const base: Omit<FakeKind<FakeFlux>, 'adapter'> = {
  start: startFakeFlux,
  header: () => ['#INFO (nodes) 1'],
  refusal: { wish: { allocation: { queue: 'nosuch' } }, words: /^'nosuch' is not a valid queue$/ },
  hasAccounting: false,
  // A lane has the words of its calls among its own.
  isSubmission: (program, args) => program === 'bash' && args.join(' ').includes(' job submit'),
};

/** What stays is held by its urgency. */
function urgent(nested: boolean): (wish: Wish) => Wish {
  return ({ held, allocation }) => ({
    allocation: { ...allocation, nested, ...(held === true ? { urgency: 0 } : {}) },
  });
}

schedulerContract('Flux, in an instance that the study names', () =>
  fakeHarness({
    ...base,
    wish: urgent(true),
    adapter: ({ server, uri }, run) =>
      createFluxScheduler({ uri, run, environment: server.environment(process.env) }),
  }),
);

schedulerContract('Flux, in the instance of the environment, with flat jobs', () =>
  fakeHarness({
    ...base,
    wish: urgent(false),
    adapter: ({ server, uri }, run) =>
      createFluxScheduler({ run, environment: { ...server.environment(process.env), FLUX_URI: uri } }),
    idOf: (job) => job.split('@')[0]!,
  }),
);
