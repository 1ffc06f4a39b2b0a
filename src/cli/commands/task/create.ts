import { Command, Flags } from '@oclif/core';
import { type CreatedTask, createTask } from '../../../orchestra/client/tasks.ts';
import { connect, serverFlags } from '../../cluster-connection.ts';
import { print, printLines } from '../../output.ts';
import { prose } from '../../prose.ts';
import { plannedJobLines } from '../../render/planned-jobs.ts';
import { newTaskFlags, newTaskFrom } from '../../task/new-task-flags.ts';
import { exitCodeOf } from '../../task/outcome.ts';
import { watchTask } from '../../task/watch-task.ts';

export default class CreateTask extends Command {
  static override summary = 'Create a task: run a command in a container, once for each file of a dataset.';

  static override description = prose`
In the command %DATA stands for the file of the data dataset, %IN for the job's configuration file and %OUT for the
job's own output directory. The command is run by /bin/sh. What jobs leave in their output directories becomes a dataset
of the task's name; a job that leaves nothing has failed.

The first job is tested alone. If it fails the task is broken, and the others do not run.

With --follow the command stays until the task has ended: its exit code is then 0 if all jobs are done, 2 if some have
failed or the task is broken, 3 if it was killed.`;

  static override examples = [
    {
      description: 'A fit for each file of a dataset',
      command: `<%= config.bin %> task create -t user.ada.fit -d user.ada.events -c user.ada.configs --containerImage python:3.12 --exec "python /volume/ada/user.ada.code/fit.py -d %DATA -c %IN -o %OUT"`,
    },
    {
      description: 'See what would run',
      command: `<%= config.bin %> task create -t user.ada.fit -d user.ada.events -c user.ada.configs --containerImage busybox --exec "wc -c %DATA %IN > %OUT/size" --dry_run`,
    },
  ];

  static override flags = {
    ...newTaskFlags,
    follow: Flags.boolean({ exclusive: ['dry_run'], summary: 'Stay until the task has ended.' }),
    json: Flags.boolean({ summary: 'Print JSON; with --follow, a line for each change.' }),
    ...serverFlags,
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(CreateTask);
    const task = newTaskFrom(flags);
    const connection = connect(flags);
    const created = await createTask(connection, task);
    if (flags.json) print(JSON.stringify(created));
    else if (task.dryRun) await printLines(plannedJobLines(created));
    else print(sentenceOf(created));
    if (!flags.follow) return 0;
    return exitCodeOf(await watchTask(connection, task.name, flags.json ? 'json' : 'lines'));
  }
}

function sentenceOf({ name, count }: CreatedTask): string {
  return `${name} has been created, with ${count} ${count === 1 ? 'job' : 'jobs'}`;
}
