import type { StartOrder } from '../../../src/conductor/runner/commands.ts';
import { type RunnerOptions, startRunner } from '../../../src/conductor/runner/runner.ts';

/**
 * A process that has a runner start steps, to be killed in the middle of it. Says the runner's pid, then every
 * token that it hears has ended, a line each.
 */
const [, , options, orders] = process.argv;
const runner = startRunner(JSON.parse(options!) as RunnerOptions);
process.stdout.write(`runner ${runner.pid}\n`);
runner.onRecords((records) => {
  for (const record of records) if (record.kind === 'ended') process.stdout.write(`ended ${record.token}\n`);
});
runner.start(JSON.parse(orders!) as StartOrder[]);
