import { once } from 'node:events';
import type { JobState } from '../../orchestra/api/tasks.ts';
import type { Connection } from '../../orchestra/client/call.ts';
import { followLog } from '../../orchestra/client/follow.ts';
import { jobsOf, readJobLog } from '../../orchestra/client/tasks.ts';
import { jobName } from '../../orchestra/job-name.ts';
import { UserError } from '../../shared/errors.ts';
import { interruptible } from '../interruption.ts';
import { print } from '../output.ts';
import { harmlessText } from '../render/harmless-text.ts';

/** Prints the log of a job, by its number or name; with `follow` until the job has ended. */
export async function printJobLog(
  connection: Connection,
  { task, job }: { readonly task: string; readonly job: string },
  { follow, json }: { readonly follow: boolean; readonly json: boolean },
): Promise<void> {
  const asked = { task, number: numberOf(job) };
  if (!follow) return await printLog(connection, asked, json);
  const write = logWriter();
  await interruptible(async (signal) => {
    for await (const bytes of followLog(connection, asked, { signal })) await write(bytes);
  });
}

/** Prints the logs of all jobs that have started, or of those in a state, headed by their names. */
export async function printTaskLogs(
  connection: Connection,
  task: string,
  { json, state }: { readonly json: boolean; readonly state?: JobState },
): Promise<void> {
  let isFirst = true;
  for await (const job of jobsOf(connection, task, state === undefined ? {} : { state })) {
    if (job.startedAt === null) continue;
    if (!json) print(...(isFirst ? [] : ['']), `==> ${job.name} <==`);
    isFirst = false;
    await printLog(connection, { task, number: job.number }, json);
  }
}

async function printLog(
  connection: Connection,
  asked: { readonly task: string; readonly number: number },
  json: boolean,
): Promise<void> {
  const pieces: Uint8Array[] = [];
  const write = logWriter();
  for (let offset = 0; ; ) {
    const { bytes } = await readJobLog(connection, { ...asked, offset });
    if (bytes.length === 0) break;
    offset += bytes.length;
    if (json) pieces.push(bytes);
    else await write(bytes);
  }
  if (json) print(JSON.stringify({ job: jobName(asked.number), log: Buffer.concat(pieces).toString() }));
}

function numberOf(job: string): number {
  const [, digits] = /^(?:job_configId_)?(\d{1,9})$/.exec(job) ?? [];
  if (digits !== undefined) return Number(digits);
  throw new UserError(`${JSON.stringify(job)} is no job`, 'give its number, or job_configId_<number>');
}

/** Writes a log as it is, but on a terminal so that it can do nothing to it: whose job wrote it may mean ill. */
function logWriter(): (bytes: Uint8Array) => Promise<void> {
  const harmless = process.stdout.isTTY ? harmlessText() : (bytes: Uint8Array) => bytes;
  return async (bytes) => {
    if (!process.stdout.write(harmless(bytes))) await once(process.stdout, 'drain');
  };
}
