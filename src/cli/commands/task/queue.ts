import { Command, Flags } from '@oclif/core';
import { jobsOfQueue } from '../../../orchestra/client/tasks.ts';
import { connect, serverFlags } from '../../cluster-connection.ts';
import { outputTakesColour, print, printAside, printLines, terminalWidth } from '../../output.ts';
import { prose } from '../../prose.ts';
import { queueBoardLines } from '../../render/task-board.ts';
import { createTheme } from '../../render/theme.ts';

export default class ShowQueue extends Command {
  static override summary = 'Show the jobs of a queue, by their priority.';

  static override description = prose`
First those that run, then those that wait, the next one first. The priority of a job falls with each job that its user
has waiting or running already.`;

  static override examples = [
    { description: 'The queue of small jobs', command: '<%= config.bin %> task queue -n cpu_small' },
  ];

  static override flags = {
    name: Flags.string({ char: 'n', default: 'cpu_small', helpValue: 'QUEUE', summary: 'The queue.' }),
    json: Flags.boolean({ summary: 'Print JSON.' }),
    ...serverFlags,
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(ShowQueue);
    const jobs = await jobsOfQueue(connect(flags), flags.name);
    if (flags.json) print(JSON.stringify(jobs, undefined, 2));
    else if (jobs.length === 0) printAside(`${flags.name} has no jobs`);
    else {
      const theme = createTheme(outputTakesColour());
      await printLines(queueBoardLines(jobs, { width: terminalWidth(), theme }));
    }
    return 0;
  }
}
