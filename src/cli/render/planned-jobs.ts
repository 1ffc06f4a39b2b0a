import type { CreatedTask } from '../../orchestra/client/tasks.ts';
import { printable } from './width.ts';

/** The jobs that a task would have, with their commands as shells would get them. */
export function* plannedJobLines({ name, count, jobs }: CreatedTask): Generator<string> {
  yield `${name} would have ${count} ${count === 1 ? 'job' : 'jobs'}; nothing has been made`;
  for (const job of jobs) {
    yield '';
    yield `${job.name}  ${printable(job.input)}`;
    for (const line of job.command.split('\n')) yield `  ${printable(line)}`;
  }
  if (jobs.length < count) {
    yield '';
    yield `and ${count - jobs.length} more`;
  }
}
