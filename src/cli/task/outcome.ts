import type { TaskDetails } from '../../orchestra/api/tasks.ts';

/** Exit codes of commands that wait for a task: as for studies, 2 where something has failed and 3 where it was ended. */
const EXIT_FAILED = 2;
const EXIT_KILLED = 3;

/** The exit code that tells how a task has ended. */
export function exitCodeOf({ endedAs }: Pick<TaskDetails, 'endedAs'>): number {
  if (endedAs === 'done') return 0;
  return endedAs === 'killed' ? EXIT_KILLED : EXIT_FAILED;
}
