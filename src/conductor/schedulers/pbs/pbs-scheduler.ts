import { userInfo } from 'node:os';
import PQueue from 'p-queue';
import { type CommandResult, type RunCommand, runCommand } from '../command.ts';
import { inChunks } from '../in-chunks.ts';
import { withoutOwnJob } from '../own-job.ts';
import type { Answer, JobReport, Scheduler, Submission, SubmitAnswer } from '../scheduler.ts';
import {
  COMMAND_LIMIT_MS,
  PARALLEL_SUBMITS,
  STATUS_LIMIT_MS,
  STATUSES_AT_A_TIME,
  SUBMIT_LIMIT_MS,
} from './bounds.ts';
import { type JobAttributes, readJson, readText, submissionOf } from './job-attributes.ts';
import { isJobId, numberOf } from './job-ids.ts';
import { type Flavour, reportOf } from './job-states.ts';
import { qsubArgs, readQsub } from './submit.ts';
import { isSilence, saysNoHistory, saysOnlyUnknown, wordsOf } from './words.ts';

/** What a PBS adapter may be told. */
export interface PbsOptions {
  /** Which PBS it is; OpenPBS if absent. */
  readonly flavour?: Flavour;
  /** Whose jobs they are; this process's user if absent. */
  readonly user?: string;
  /** Runs the commands; this machine if absent. */
  readonly run?: RunCommand;
  /** This process's if absent. */
  readonly environment?: NodeJS.ProcessEnv;
}

type Sought = Parameters<Scheduler['find']>[0][number];

/** PBS by its commands: qsub, qstat, qselect, qdel. What the server cannot do is remembered. */
export function createPbsScheduler(options: PbsOptions = {}): Scheduler {
  return new PbsScheduler(options);
}

class PbsScheduler implements Scheduler {
  private readonly run: RunCommand;
  private readonly environment: NodeJS.ProcessEnv;
  private readonly flavour: Flavour;
  private readonly user: string;
  private readonly submits = new PQueue({ concurrency: PARALLEL_SUBMITS });
  /** Whether ended jobs can be asked for; Torque shows them for a while without being asked. */
  private keepsHistory: boolean;
  private printsJson: boolean;

  constructor({ flavour = 'openpbs', user, run = runCommand, environment = process.env }: PbsOptions) {
    this.run = run;
    this.environment = withoutOwnJob(environment);
    this.flavour = flavour;
    this.user = user ?? userInfo().username;
    this.keepsHistory = flavour === 'openpbs';
    this.printsJson = flavour === 'openpbs';
  }

  submit(submissions: readonly Submission[]): Promise<readonly SubmitAnswer[]> {
    return this.submits.addAll(
      submissions.map((submission) => async (): Promise<SubmitAnswer> => {
        const { directory } = submission;
        return readQsub(await this.ask('qsub', qsubArgs(submission), SUBMIT_LIMIT_MS, directory));
      }),
    );
  }

  async poll(jobs: readonly string[]): Promise<Answer<ReadonlyMap<string, JobReport>>> {
    const answer = await this.status(jobs.filter(isJobId));
    if (answer.kind === 'down') return answer;
    const byNumber = new Map<string | undefined, JobReport>();
    for (const job of answer.value) byNumber.set(numberOf(job.id), reportOf(job, this.flavour));
    const reports = new Map<string, JobReport>();
    for (const job of jobs) {
      const report = byNumber.get(numberOf(job) ?? job);
      if (report !== undefined) reports.set(job, report);
    }
    return { kind: 'answered', value: reports };
  }

  async cancel(jobs: readonly string[]): Promise<Answer<void>> {
    for (const chunk of inChunks(jobs.filter(isJobId))) {
      const result = await this.ask('qdel', chunk, COMMAND_LIMIT_MS);
      if (result.kind !== 'exited') return { kind: 'down', words: result.words };
      // Any other complaint is about a job that has ended, or is not there.
      const words = wordsOf(result.stderr);
      if (result.code !== 0 && isSilence(words)) return { kind: 'down', words };
    }
    return { kind: 'answered', value: undefined };
  }

  async find(sought: readonly Sought[]): Promise<Answer<ReadonlyMap<string, readonly string[]>>> {
    if (sought.length === 0) return { kind: 'answered', value: new Map() };
    const selected = await this.withHistory((history) =>
      this.ask('qselect', [...history, '-u', this.user], COMMAND_LIMIT_MS),
    );
    if (selected.kind === 'down') return selected;
    const jobs = selected.value.split('\n').filter(isJobId);
    const answer = await this.status(jobs);
    if (answer.kind === 'down') return answer;
    const wanted = new Set(sought.map(({ id }) => id));
    const found = new Map<string, readonly string[]>();
    for (const job of answer.value) {
      const id = submissionOf(job);
      if (id !== undefined && wanted.has(id)) found.set(id, [job.id]);
    }
    return { kind: 'answered', value: found };
  }

  /** Arrays of PBS are not made use of: each job is submitted for itself. */
  async arrayLimit(): Promise<number> {
    return 1;
  }

  /** All that qstat tells of these jobs; those that it does not know are left out. */
  private async status(jobs: readonly string[]): Promise<Answer<readonly JobAttributes[]>> {
    const all: JobAttributes[] = [];
    for (const chunk of inChunks(jobs, STATUSES_AT_A_TIME)) {
      const answer = (await this.statusAsJson(chunk)) ?? (await this.statusAsText(chunk));
      if (answer.kind === 'down') return answer;
      all.push(...answer.value);
    }
    return { kind: 'answered', value: all };
  }

  /** Undefined where the text has to be read instead. */
  private async statusAsJson(jobs: readonly string[]): Promise<Answer<JobAttributes[]> | undefined> {
    if (!this.printsJson) return undefined;
    const answer = await this.withHistory((history) =>
      this.ask('qstat', [...history, '-f', '-F', 'json', ...jobs], STATUS_LIMIT_MS),
    );
    if (answer.kind === 'answered') {
      const value = readJson(answer.value);
      return value && { kind: 'answered', value };
    }
    if (!/invalid option|usage/i.test(answer.words)) return answer;
    this.printsJson = false;
    return undefined;
  }

  private async statusAsText(jobs: readonly string[]): Promise<Answer<JobAttributes[]>> {
    const answer = await this.withHistory((history) =>
      this.ask('qstat', [...history, '-f', ...jobs], STATUS_LIMIT_MS),
    );
    return answer.kind === 'down' ? answer : { kind: 'answered', value: readText(answer.value) };
  }

  /** Asks for ended jobs too, unless the server has said that it keeps none. */
  private async withHistory(
    ask: (history: readonly string[]) => Promise<CommandResult>,
  ): Promise<Answer<string>> {
    const result = await ask(this.keepsHistory ? ['-x'] : []);
    if (result.kind !== 'exited') return { kind: 'down', words: result.words };
    if (result.code === 0 || saysOnlyUnknown(result.stderr))
      return { kind: 'answered', value: result.stdout };
    const words = wordsOf(result.stderr) || wordsOf(result.stdout);
    if (!this.keepsHistory || !saysNoHistory(words)) return { kind: 'down', words };
    this.keepsHistory = false;
    return this.withHistory(ask);
  }

  private ask(
    program: string,
    args: readonly string[],
    limitMs: number,
    directory?: string,
  ): Promise<CommandResult> {
    const { environment } = this;
    return this.run({
      program,
      args,
      limitMs,
      environment,
      ...(directory === undefined ? {} : { directory }),
    });
  }
}
