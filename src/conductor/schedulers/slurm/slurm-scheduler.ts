import { stat } from 'node:fs/promises';
import PQueue from 'p-queue';
import { type CommandResult, type RunCommand, runCommand } from '../command.ts';
import type { Answer, JobReport, Scheduler, Submission, SubmitAnswer } from '../scheduler.ts';
import { laneCommand, readLane, shareOut } from '../submit-lane.ts';
import {
  type AccountingAnswer,
  type AccountingRow,
  accountingAnswer,
  accountingArgs,
  accountingSearchArgs,
  findInAccounting,
  knowsNoSubmitLine,
  readAccounting,
} from './accounting.ts';
import {
  ACCOUNTING_LIMIT_MS,
  CANCEL_AT_A_TIME,
  CANCEL_LIMIT_MS,
  FACTS_LIMIT_MS,
  ID_LIST_BYTES,
  PARALLEL_SUBMITS,
  QUEUE_LIMIT_MS,
  SEARCH_MARGIN_MS,
  SUBMIT_LIMIT_MS,
  SUBMIT_SHARE_MS,
  SUBMITS_A_LANE,
  USAGE_LIMIT_MS,
} from './bounds.ts';
import { arrayLimitOf, readConfig } from './config.ts';
import { questionEnvironment, submissionEnvironment } from './environment.ts';
import { chunksByLength, compressIds } from './job-ids.ts';
import { findInQueue, queueArgs, queueSearchArgs, readQueue, type Sought } from './queue.ts';
import { joinAccounting, viewQueue } from './reports.ts';
import { readSbatch, sbatchArgs } from './submit.ts';
import { isSilence, wordsOf } from './words.ts';

/** What a Slurm adapter may be told. */
export interface SlurmOptions {
  /** Lets Slurm start jobs again by itself after a failed node; the conductor then does not count it. */
  readonly requeue?: boolean;
  /** Whose jobs they are; this process's user if absent. */
  readonly uid?: number;
  /** Runs the commands; this machine if absent. */
  readonly run?: RunCommand;
  /** This process's if absent; SLURM_CONF in it says which cluster. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** Slurm by its commands: sbatch, squeue, sacct, scancel, scontrol. Nothing is remembered but the array limit. */
export function createSlurmScheduler(options: SlurmOptions = {}): Scheduler {
  return new SlurmScheduler(options);
}

class SlurmScheduler implements Scheduler {
  private readonly run: RunCommand;
  private readonly uid: number;
  private readonly requeue: boolean;
  private readonly environment: NodeJS.ProcessEnv;
  private readonly lanes = new PQueue({ concurrency: PARALLEL_SUBMITS });
  private knownArrayLimit: number | undefined;

  constructor({ run = runCommand, uid, requeue = false, environment = process.env }: SlurmOptions) {
    this.run = run;
    this.uid = uid ?? process.getuid?.() ?? 0;
    this.requeue = requeue;
    this.environment = environment;
  }

  async submit(submissions: readonly Submission[]): Promise<readonly SubmitAnswer[]> {
    const shares = shareOut(submissions, PARALLEL_SUBMITS, SUBMITS_A_LANE);
    const answers = await this.lanes.addAll(shares.map((share) => () => this.submitInTurn(share)));
    return answers.flat();
  }

  private async submitInTurn(submissions: readonly Submission[]): Promise<SubmitAnswer[]> {
    const calls = submissions.map((submission) => ({
      args: sbatchArgs(submission, { requeue: this.requeue }),
    }));
    const result = await this.run({
      ...laneCommand('sbatch', calls),
      limitMs: SUBMIT_LIMIT_MS + calls.length * SUBMIT_SHARE_MS,
      environment: submissionEnvironment(this.environment),
    });
    const results = readLane('sbatch', result, calls.length);
    return submissions.map(({ members }, index) => readSbatch(results[index], members.length));
  }

  async poll(jobs: readonly string[]): Promise<Answer<ReadonlyMap<string, JobReport>>> {
    if (jobs.length === 0) return { kind: 'answered', value: new Map() };
    const queue = await this.squeue(queueArgs(this.uid));
    if (queue.kind === 'down') return queue;
    const view = viewQueue(readQueue(queue.value), jobs);
    if (view.ask.length === 0) return { kind: 'answered', value: view.reports };
    const limitMs = view.gone.length === 0 ? USAGE_LIMIT_MS : ACCOUNTING_LIMIT_MS;
    const accounts = await this.accounts(view.ask, limitMs);
    return { kind: 'answered', value: joinAccounting(view, accounts, jobs) };
  }

  async cancel(jobs: readonly string[]): Promise<Answer<void>> {
    const ids = compressIds(jobs);
    for (let at = 0; at < ids.length; at += CANCEL_AT_A_TIME) {
      for (const args of chunksByLength(ids.slice(at, at + CANCEL_AT_A_TIME), ID_LIST_BYTES)) {
        const result = await this.ask('scancel', args, CANCEL_LIMIT_MS);
        if (result.kind !== 'exited') return { kind: 'down', words: result.words };
        // Any other complaint is about a job that has ended meanwhile, or is not there.
        const words = wordsOf(result.stderr);
        if (result.code !== 0 && isSilence(words)) return { kind: 'down', words };
      }
    }
    return { kind: 'answered', value: undefined };
  }

  async find(sought: readonly Sought[]): Promise<Answer<ReadonlyMap<string, readonly string[]>>> {
    const queue = await this.squeue(queueSearchArgs(this.uid));
    if (queue.kind === 'down') return queue;
    const found = findInQueue(queue.value, sought);
    const missing = sought.filter(({ id }) => !found.has(id));
    if (missing.length === 0) return { kind: 'answered', value: found };
    const accounts = await this.searchAccounts(missing);
    // Not found by the one and not asked of the other is not "not there".
    if (accounts.kind === 'down') return accounts;
    if (accounts.kind === 'absent') return { kind: 'answered', value: found };
    return { kind: 'answered', value: new Map([...found, ...findInAccounting(accounts.value, missing)]) };
  }

  async arrayLimit(): Promise<number> {
    if (this.knownArrayLimit !== undefined) return this.knownArrayLimit;
    const result = await this.ask('scontrol', ['show', 'config'], FACTS_LIMIT_MS);
    if (result.kind === 'exited' && result.code === 0) {
      this.knownArrayLimit = arrayLimitOf(readConfig(result.stdout));
    }
    // While nobody answers, one by one is always right.
    return this.knownArrayLimit ?? 1;
  }

  private ask(program: string, args: readonly string[], limitMs: number): Promise<CommandResult> {
    return this.run({ program, args, limitMs, environment: questionEnvironment(this.environment) });
  }

  private async squeue(args: readonly string[]): Promise<Answer<string>> {
    const result = await this.ask('squeue', args, QUEUE_LIMIT_MS);
    if (result.kind !== 'exited') return { kind: 'down', words: result.words };
    if (result.code === 0) return { kind: 'answered', value: result.stdout };
    return { kind: 'down', words: wordsOf(result.stderr) || `squeue exited with ${result.code}` };
  }

  private async accounts(
    ids: readonly string[],
    limitMs: number,
  ): Promise<AccountingAnswer<readonly AccountingRow[]>> {
    const rows: AccountingRow[] = [];
    for (const chunk of chunksByLength(ids, ID_LIST_BYTES)) {
      const answer = accountingAnswer(await this.ask('sacct', accountingArgs(chunk), limitMs));
      if (answer.kind !== 'answered') return answer;
      rows.push(...readAccounting(answer.value));
    }
    return { kind: 'answered', value: rows };
  }

  private async searchAccounts(sought: readonly Sought[]): Promise<AccountingAnswer<string>> {
    const since = await earliest(sought);
    const search = (withLine: boolean): Promise<CommandResult> => {
      return this.ask('sacct', accountingSearchArgs(this.uid, since, withLine), ACCOUNTING_LIMIT_MS);
    };
    const result = await search(true);
    return accountingAnswer(knowsNoSubmitLine(result) ? await search(false) : result);
  }
}

/** When the first of these can have been submitted: not before its job script was written. */
async function earliest(sought: readonly Sought[]): Promise<Date> {
  const times = await Promise.all(
    sought.map(({ file }) =>
      stat(file).then(
        ({ mtimeMs }) => mtimeMs,
        () => undefined,
      ),
    ),
  );
  const known = times.filter((time) => time !== undefined);
  return new Date(known.reduce((least, time) => Math.min(least, time), Date.now()) - SEARCH_MARGIN_MS);
}
