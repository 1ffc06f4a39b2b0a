import { Args, Command, Flags } from '@oclif/core';
import { connect, serverFlags } from '../../cluster-connection.ts';
import { prose } from '../../prose.ts';
import { printJobLog, printTaskLogs } from '../../task/print-logs.ts';

export default class TaskLogs extends Command {
  static override summary = 'Show the logs of the jobs of a task.';

  static override description = prose`
A job is named by its number, or as job_configId_<number>. Without one the logs of all jobs are shown that have started,
each headed by its name; with --state only those of jobs in that state. With --follow the log of one job is shown as it is
written, until the job has ended.`;

  static override examples = [
    { description: 'Look on', command: '<%= config.bin %> task logs user.ada.fit 0 -f' },
    { description: 'Why jobs failed', command: '<%= config.bin %> task logs user.ada.fit --state failed' },
  ];

  static override args = {
    task: Args.string({ required: true, description: 'The name of the task.' }),
    job: Args.string({ description: 'Number or name of a job.' }),
  };

  static override flags = {
    follow: Flags.boolean({ char: 'f', summary: 'Go on until the job has ended; default job 0.' }),
    state: Flags.option({
      options: ['testing', 'running', 'failed', 'done', 'kill', 'killed', 'broken'] as const,
    })({
      summary: 'Only jobs in this state.',
    }),
    json: Flags.boolean({ summary: 'Print a line of JSON for each log: job, log.', exclusive: ['follow'] }),
    ...serverFlags,
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(TaskLogs);
    const { follow, json, state } = flags;
    const connection = connect(flags);
    if (args.job !== undefined || follow) {
      await printJobLog(connection, { task: args.task, job: args.job ?? '0' }, { follow, json });
    } else {
      await printTaskLogs(connection, args.task, { json, ...(state === undefined ? {} : { state }) });
    }
    return 0;
  }
}
