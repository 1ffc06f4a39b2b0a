import { Args, Command } from '@oclif/core';
import { discardRequests } from '../../shared/control.ts';
import { describeHolder } from '../../shared/state/lease.ts';
import { forEachStudy } from '../each-study.ts';
import { globalFlags, logOptions } from '../global-flags.ts';
import { launchConductor } from '../launch.ts';
import { print } from '../output.ts';
import { prose } from '../prose.ts';
import { stepsText } from '../render/overview.ts';
import { takeOverview } from '../snapshot.ts';

export default class Resume extends Command {
  static override summary = 'Go on with studies whose conductor has left or died.';

  static override description = prose`
Starts a conductor for each study that has not ended and that nobody conducts. It takes over what runs, knows what has
ended meanwhile, and starts what is left: no step runs twice. Studies that are conducted or have ended stay as they are.`;

  static override examples = [
    { description: 'After a reboot', command: '<%= config.bin %> resume heat_20261122-045012' },
  ];

  static override strict = false;

  static override args = {
    directory: Args.string({ required: true, description: 'Study directories.' }),
  };

  static override flags = globalFlags;

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(Resume);
    return forEachStudy(argv as string[], async (argument) => {
      const { directory, summary, lease, leaseState, done } = takeOverview(argument);
      if (summary.outcome !== undefined) {
        print(`${directory} has ended: ${summary.outcome}`);
        for (const name of discardRequests(directory)) print(`${name} came too late and is removed`);
      } else if (lease !== undefined && leaseState === 'live') {
        print(`${directory} is conducted by ${describeHolder(lease)}`);
      } else {
        const { pid } = await launchConductor(directory, logOptions(flags, summary.name));
        print(`${directory} goes on, ${stepsText(summary.total - done)} to go, conducted by process ${pid}`);
      }
      return 0;
    });
  }
}
