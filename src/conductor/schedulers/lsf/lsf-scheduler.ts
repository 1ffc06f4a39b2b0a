import { readFile } from 'node:fs/promises';
import PQueue from 'p-queue';
import { type CommandResult, type RunCommand, runCommand } from '../command.ts';
import { inChunks } from '../in-chunks.ts';
import type { Answer, JobReport, Scheduler, Submission, SubmitAnswer } from '../scheduler.ts';
import {
  COMMAND_LIMIT_MS,
  HISTORIES_AT_A_TIME,
  HISTORY_LIMIT_MS,
  PARALLEL_SUBMITS,
  SUBMIT_LIMIT_MS,
} from './bounds.ts';
import { questionEnvironment, submissionEnvironment } from './environment.ts';
import { historyArgs, historySearchArgs, readHistory, readHistorySearch } from './history.ts';
import { FIND_ARGS, isJobId, pollArgs, readFind, readPoll } from './jobs-list.ts';
import { bsubArgs, bsubInput, readBsub } from './submit.ts';
import { isSilence, saysOnlyUnknown, wordsOf } from './words.ts';

/** What an LSF adapter may be told. */
export interface LsfOptions {
  /** Runs the commands; this machine if absent. */
  readonly run?: RunCommand;
  /** This process's if absent. Jobs get it too. */
  readonly environment?: NodeJS.ProcessEnv;
}

type Sought = Parameters<Scheduler['find']>[0][number];

/** LSF by its commands: bsub, bjobs, bkill, and bhist for what bjobs has forgotten. */
export function createLsfScheduler(options: LsfOptions = {}): Scheduler {
  return new LsfScheduler(options);
}

class LsfScheduler implements Scheduler {
  private readonly run: RunCommand;
  private readonly environment: NodeJS.ProcessEnv;
  private readonly submits = new PQueue({ concurrency: PARALLEL_SUBMITS });

  constructor({ run = runCommand, environment = process.env }: LsfOptions) {
    this.run = run;
    this.environment = environment;
  }

  submit(submissions: readonly Submission[]): Promise<readonly SubmitAnswer[]> {
    const environment = submissionEnvironment(this.environment);
    return this.submits.addAll(
      submissions.map((submission) => async (): Promise<SubmitAnswer> => {
        const { file, directory } = submission;
        let input: string;
        try {
          input = bsubInput(await readFile(file, 'utf8'));
        } catch (error) {
          return { kind: 'rejected', words: `the job script cannot be read: ${(error as Error).message}` };
        }
        const args = bsubArgs(submission);
        const limitMs = SUBMIT_LIMIT_MS;
        return readBsub(await this.run({ program: 'bsub', args, limitMs, environment, input, directory }));
      }),
    );
  }

  async poll(jobs: readonly string[]): Promise<Answer<ReadonlyMap<string, JobReport>>> {
    const reports = new Map<string, JobReport>();
    for (const chunk of inChunks(jobs.filter(isJobId))) {
      const answer = await this.bjobs(pollArgs(chunk));
      if (answer.kind === 'down') return answer;
      for (const [job, report] of readPoll(answer.value)) reports.set(job, report);
    }
    await this.addHistories(jobs, reports);
    return { kind: 'answered', value: reports };
  }

  async cancel(jobs: readonly string[]): Promise<Answer<void>> {
    for (const chunk of inChunks(jobs.filter(isJobId))) {
      const result = await this.ask('bkill', chunk, COMMAND_LIMIT_MS);
      if (result.kind !== 'exited') return { kind: 'down', words: result.words };
      // Any other complaint is about a job that has ended, or is not there.
      const words = wordsOf(result.stderr) || wordsOf(result.stdout);
      if (result.code !== 0 && isSilence(words)) return { kind: 'down', words };
    }
    return { kind: 'answered', value: undefined };
  }

  async find(sought: readonly Sought[]): Promise<Answer<ReadonlyMap<string, readonly string[]>>> {
    if (sought.length === 0) return { kind: 'answered', value: new Map() };
    const answer = await this.bjobs(FIND_ARGS);
    if (answer.kind === 'down') return answer;
    const jobs = readFind(answer.value);
    const found = new Map<string, readonly string[]>();
    for (const { id } of sought) {
      const job = jobs.get(id);
      const known =
        job === undefined ? await this.searchHistory(id) : ({ kind: 'answered', value: job } as const);
      if (known.kind === 'down') return known;
      if (known.value !== undefined) found.set(id, [known.value]);
    }
    return { kind: 'answered', value: found };
  }

  /** Arrays of LSF are not made use of: each job is submitted for itself. */
  async arrayLimit(): Promise<number> {
    return 1;
  }

  /** Asks bhist about jobs that bjobs does not know. Where it does not answer they stay unknown. */
  private async addHistories(jobs: readonly string[], reports: Map<string, JobReport>): Promise<void> {
    const forgotten = jobs.filter((job) => isJobId(job) && !reports.has(job));
    for (const chunk of inChunks(forgotten, HISTORIES_AT_A_TIME)) {
      const result = await this.ask('bhist', historyArgs(chunk), HISTORY_LIMIT_MS);
      if (result.kind !== 'exited') return;
      for (const [job, report] of readHistory(result.stdout)) reports.set(job, report);
    }
  }

  private async searchHistory(id: string): Promise<Answer<string | undefined>> {
    const result = await this.ask('bhist', historySearchArgs(id), HISTORY_LIMIT_MS);
    // What was not asked is not "not there"; but a site without bhist has no such memory.
    if (result.kind === 'cut') return { kind: 'down', words: result.words };
    return {
      kind: 'answered',
      value: result.kind === 'exited' ? readHistorySearch(result.stdout) : undefined,
    };
  }

  private async bjobs(args: readonly string[]): Promise<Answer<string>> {
    const result = await this.ask('bjobs', args, COMMAND_LIMIT_MS);
    if (result.kind !== 'exited') return { kind: 'down', words: result.words };
    if (result.code === 0 || saysOnlyUnknown(result.stderr))
      return { kind: 'answered', value: result.stdout };
    return { kind: 'down', words: wordsOf(result.stderr) || `bjobs exited with ${result.code}` };
  }

  private ask(program: string, args: readonly string[], limitMs: number): Promise<CommandResult> {
    return this.run({ program, args, limitMs, environment: questionEnvironment(this.environment) });
  }
}
