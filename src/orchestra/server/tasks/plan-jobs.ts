import { posix } from 'node:path';
import type { NewTask } from '../../api/tasks.ts';
import { jobName } from '../../job-name.ts';
import { Refusal } from '../../refusal.ts';
import type { Cluster } from '../cluster.ts';
import type { DatasetRow } from '../datasets/dataset-rows.ts';
import { filePathsOf } from '../datasets/file-paths.ts';
import { splitAtWords } from '../quoting.ts';
import { statement } from '../state/statement.ts';
import type { UserRecord } from '../users/user.ts';
import type { CheckedTask } from './check-new-task.ts';
import { substitute } from './command.ts';
import { OPEN_JOB_STATES } from './task-states.ts';

/** Where containers see the cluster's volume. */
const VOLUME = '/volume';

/** The jobs of a task to be. */
export interface JobPlan {
  /** For the shell of every job; `%IN` and `%OUT` still stand in it. */
  readonly command: string;
  /** The configuration files, one a job, relative to the volume. */
  readonly inputs: readonly string[];
}

/**
 * Plans a task's jobs: one a file of its configuration dataset. Throws a Refusal where a dataset is empty, where
 * there would be too many jobs for a task or for its user, and where a file is called as a word of the command.
 */
export function planJobs(cluster: Cluster, task: NewTask, checked: CheckedTask): JobPlan {
  const { config, data, secondary, owner } = checked;
  const inputs = filePathsOf(cluster, config).map((path) => onVolume(config, path));
  if (inputs.length === 0) throw isEmpty(config.name);
  const { jobsPerTask } = cluster.config.limits;
  if (inputs.length > jobsPerTask) {
    const mend = `make several tasks; one may have ${jobsPerTask} jobs`;
    throw new Refusal('unprocessable', `${config.name} has ${inputs.length} files, a job each`, mend);
  }
  checkJobQuota(cluster, owner, inputs.length);
  const paths = new Map([...secondary].map(([word, dataset]) => [word, firstPath(cluster, dataset)]));
  if (!task.isDummyData || task.exec.includes('%DATA')) paths.set('%DATA', firstPath(cluster, data));
  checkLength(task.exec, paths);
  const command = substitute(task.exec, paths);
  const longest = inputs.reduce((one, other) => (other.length > one.length ? other : one));
  checkLength(command, pathsOfJob(longest, posix.join(owner.name, task.name, jobName(inputs.length))));
  return { command, inputs };
}

/** What a kernel takes as one argument of a program, which a job's command is, in bytes. */
const MAX_COMMAND = 128 * 1024 - 1;

/** Looks before anything is put together: words of a few letters can stand for long paths a thousand times. */
function checkLength(command: string, paths: ReadonlyMap<string, string>): void {
  const pieces = splitAtWords(command, [...paths.keys()]);
  const bytes = pieces
    .map((piece) => Buffer.byteLength(piece.kind === 'text' ? piece.text : paths.get(piece.word)!))
    .reduce((sum, length) => sum + length, 0);
  if (bytes <= MAX_COMMAND) return;
  const mend = 'put a script into a dataset, and have the command run that';
  const message = `--exec is too long with the paths in it: ${bytes} bytes, and ${MAX_COMMAND} can be run`;
  throw new Refusal('unprocessable', message, mend);
}

/** The command of one job as its shell gets it. */
export function commandOfJob(command: string, input: string, outputDirectory: string): string {
  return substitute(command, pathsOfJob(input, outputDirectory));
}

function pathsOfJob(input: string, outputDirectory: string): ReadonlyMap<string, string> {
  return new Map([
    ['%IN', posix.join(VOLUME, input)],
    ['%OUT', posix.join(VOLUME, outputDirectory)],
  ]);
}

function onVolume({ owner, name }: DatasetRow, path: string): string {
  return posix.join(owner, name, path);
}

/** The path of a dataset's first file in a container. */
function firstPath(cluster: Cluster, dataset: DatasetRow): string {
  const [first] = filePathsOf(cluster, dataset, 1);
  if (first === undefined) throw isEmpty(dataset.name);
  if (/%(?:IN|OUT)/.test(first)) {
    const mend = '%IN and %OUT mean something else in a command; give the file another name';
    throw new Refusal(
      'unprocessable',
      `the file ${first} of ${dataset.name} cannot stand in a command`,
      mend,
    );
  }
  return posix.join(VOLUME, onVolume(dataset, first));
}

function isEmpty(name: string): Refusal {
  return new Refusal(
    'unprocessable',
    `the dataset ${name} has no files`,
    'upload some: maestro castor upload',
  );
}

/** Throws a Refusal where a user may not have so many more jobs waiting or running. */
export function checkJobQuota(
  { store }: Pick<Cluster, 'store'>,
  owner: Pick<UserRecord, 'id' | 'name' | 'jobQuota'>,
  more: number,
): void {
  if (owner.jobQuota === null) return;
  const open = openJobs({ store }, owner.id);
  if (open + more <= owner.jobQuota) return;
  const mend = 'wait until some have ended, or ask an administrator for more';
  const message = `${owner.name} may have ${owner.jobQuota} jobs waiting or running, and has ${open}`;
  throw new Refusal('quota-exceeded', `${message}; this would be ${more} more`, mend);
}

/** How many jobs of a user wait or run. */
function openJobs({ store }: Pick<Cluster, 'store'>, owner: number): number {
  const sql = `SELECT coalesce(sum(jobs), 0) AS jobs FROM job_count JOIN task ON task.id = job_count.task
    WHERE task.owner = ? AND job_count.state IN (SELECT value FROM json_each(?))`;
  return statement<{ jobs: number }>(store, sql).get(owner, JSON.stringify(OPEN_JOB_STATES))!.jobs;
}
