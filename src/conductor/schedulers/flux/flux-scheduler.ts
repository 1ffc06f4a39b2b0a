import { stat } from 'node:fs/promises';
import PQueue from 'p-queue';
import { type CommandResult, type RunCommand, runCommand } from '../command.ts';
import { inChunks } from '../in-chunks.ts';
import { withoutOwnJob } from '../own-job.ts';
import type { Allocation, Answer, JobReport, Scheduler, Submission, SubmitAnswer } from '../scheduler.ts';
import { laneCommand, readLane, shareOut } from '../submit-lane.ts';
import {
  COMMAND_LIMIT_MS,
  KEPT_SUBMISSIONS,
  KEPT_TEMPLATES,
  LIST_LIMIT_MS,
  PARALLEL_LOOKUPS,
  PARALLEL_SUBMITS,
  SEARCH_WINDOW_MS,
  SUBMIT_LIMIT_MS,
  SUBMIT_SHARE_MS,
  SUBMITS_A_LANE,
} from './bounds.ts';
import { jobAddress, jobText } from './job-ids.ts';
import { LIST_ARGS, type ListedJob, pollArgs, readList, readPoll, saysOnlyUnknown } from './jobs-list.ts';
import { type Jobspec, readTemplate, submissionOf, templateArgs } from './jobspec.ts';
import { readSubmit, submitCall } from './submit.ts';
import { isSilence, wordsOf } from './words.ts';

/** What a Flux adapter may be told. */
export interface FluxOptions {
  /** The instance; if absent that of FLUX_URI, else the machine's own. */
  readonly uri?: string;
  /** Runs the commands; this machine if absent. */
  readonly run?: RunCommand;
  /** This process's if absent. Jobs get it too. */
  readonly environment?: NodeJS.ProcessEnv;
}

type Sought = Parameters<Scheduler['find']>[0][number];

/**
 * Flux by its commands. A job is described once for each kind of allocation by `flux submit --dry-run` (Python,
 * 0.2 s of CPU) and submitted by `flux job submit` (C, 40 ms of waiting).
 */
export function createFluxScheduler(options: FluxOptions = {}): Scheduler {
  return new FluxScheduler(options);
}

/** A jobspec to start from, or why there is none. */
type Template = { readonly spec: Jobspec } | { readonly refusal: SubmitAnswer };

/** A submission with the jobspec that it is made from. */
interface ReadySubmission {
  readonly submission: Submission;
  readonly spec: Jobspec;
}

class FluxScheduler implements Scheduler {
  private readonly run: RunCommand;
  private readonly environment: NodeJS.ProcessEnv;
  /** The instance that jobs are submitted to; undefined: the machine's own. */
  private readonly uri: string | undefined;
  /** The URI to remember with each job: where it comes from the environment, a later conductor may have another. */
  private readonly remembered: string | undefined;
  private readonly submits = new PQueue({ concurrency: PARALLEL_SUBMITS });
  private readonly lookups = new PQueue({ concurrency: PARALLEL_LOOKUPS });
  private readonly templates = new Map<string, Jobspec>();
  /** Which submission a job was made for, as far as that has been learnt: it never changes. */
  private readonly submissionOf = new Map<string, string | undefined>();

  constructor({ uri, run = runCommand, environment = process.env }: FluxOptions) {
    this.run = run;
    this.environment = withoutOwnJob(environment);
    this.uri = uri ?? environment.FLUX_URI;
    this.remembered = uri === undefined ? environment.FLUX_URI : undefined;
  }

  async submit(submissions: readonly Submission[]): Promise<readonly SubmitAnswer[]> {
    const templates = await this.templatesOf(submissions);
    const ready: ReadySubmission[] = [];
    const answers = new Map<Submission, SubmitAnswer>();
    for (const [index, submission] of submissions.entries()) {
      const template = templates[index]!;
      if ('spec' in template) ready.push({ submission, spec: template.spec });
      else answers.set(submission, template.refusal);
    }
    const shares = shareOut(ready, PARALLEL_SUBMITS, SUBMITS_A_LANE);
    const answered = await this.submits.addAll(shares.map((share) => () => this.submitInTurn(share)));
    for (const [index, answer] of answered.flat().entries()) answers.set(ready[index]!.submission, answer);
    return submissions.map((submission) => answers.get(submission)!);
  }

  async poll(jobs: readonly string[]): Promise<Answer<ReadonlyMap<string, JobReport>>> {
    const reports = new Map<string, JobReport>();
    for (const [uri, texts] of this.byInstance(jobs)) {
      const answer = await this.pollInstance(uri, [...texts.keys()]);
      if (answer.kind === 'down') {
        // An instance of old, perhaps an allocation that has ended: its jobs are unknown, ours are not.
        if (uri !== this.uri) continue;
        return answer;
      }
      for (const [id, report] of answer.value) {
        for (const text of texts.get(id) ?? []) reports.set(text, report);
      }
    }
    return { kind: 'answered', value: reports };
  }

  async cancel(jobs: readonly string[]): Promise<Answer<void>> {
    for (const [uri, texts] of this.byInstance(jobs)) {
      for (const ids of inChunks([...texts.keys()])) {
        const result = await this.ask(['cancel', ...ids], COMMAND_LIMIT_MS, uri);
        const words = result.kind === 'exited' ? wordsOf(result.stderr) : result.words;
        // Any other complaint is about a job that has ended, or is not there.
        const isDown = result.kind !== 'exited' || (result.code !== 0 && isSilence(words));
        if (isDown && uri === this.uri) return { kind: 'down', words };
      }
    }
    return { kind: 'answered', value: undefined };
  }

  async find(sought: readonly Sought[]): Promise<Answer<ReadonlyMap<string, readonly string[]>>> {
    if (sought.length === 0) return { kind: 'answered', value: new Map() };
    const listed = await this.ask(LIST_ARGS, LIST_LIMIT_MS);
    if (listed.kind !== 'exited') return { kind: 'down', words: listed.words };
    if (listed.code !== 0) return { kind: 'down', words: wordsOf(listed.stderr) };
    const written = await Promise.all(sought.map(({ file }) => writtenAt(file)));
    const candidates = readList(listed.stdout).filter((job) => written.some((time) => mayBeOf(job, time)));
    const wanted = new Set(sought.map(({ id }) => id));
    const found = new Map<string, readonly string[]>();
    const looked = await this.lookups.addAll(
      candidates.map(
        ({ id }) =>
          () =>
            this.lookUp(id),
      ),
    );
    for (const [index, answer] of looked.entries()) {
      if (answer.kind === 'down') return answer;
      const submission = answer.value;
      if (submission === undefined || !wanted.has(submission)) continue;
      found.set(submission, [this.remember(candidates[index]!.id)]);
    }
    return { kind: 'answered', value: found };
  }

  /** Flux has no arrays: each job is submitted for itself. */
  async arrayLimit(): Promise<number> {
    return 1;
  }

  /** The template of each, in their order, each kind asked for once. */
  private templatesOf(submissions: readonly Submission[]): Promise<readonly Template[]> {
    const templates = new Map<string, Promise<Template>>();
    const made = submissions.map(({ allocation }) => {
      const key = JSON.stringify(templateArgs(allocation));
      const template = templates.get(key) ?? this.submits.add(() => this.template(key, allocation));
      templates.set(key, template);
      return template;
    });
    return Promise.all(made);
  }

  private async template(key: string, allocation: Allocation): Promise<Template> {
    const kept = this.templates.get(key);
    if (kept !== undefined) return { spec: kept };
    const result = await this.ask(templateArgs(allocation), COMMAND_LIMIT_MS);
    if (result.kind === 'unstarted') return { refusal: { kind: 'rejected', words: result.words } };
    if (result.kind === 'cut') return { refusal: { kind: 'unanswered', words: result.words } };
    if (result.code !== 0) {
      const words = wordsOf(result.stderr) || `flux submit --dry-run exited with ${result.code}`;
      return { refusal: { kind: isSilence(words) ? 'unanswered' : 'rejected', words } };
    }
    const spec = readTemplate(result.stdout);
    if (spec === undefined) {
      const words = `flux submit --dry-run printed no jobspec: ${result.stdout.slice(0, 200)}`;
      return { refusal: { kind: 'rejected', words } };
    }
    if (this.templates.size >= KEPT_TEMPLATES) this.templates.clear();
    this.templates.set(key, spec);
    return { spec };
  }

  private async submitInTurn(submissions: readonly ReadySubmission[]): Promise<SubmitAnswer[]> {
    const calls = submissions.map(({ spec, submission }) => submitCall(spec, submission));
    const result = await this.run({
      ...laneCommand('flux', calls),
      limitMs: SUBMIT_LIMIT_MS + calls.length * SUBMIT_SHARE_MS,
      environment: this.environmentFor(this.uri),
    });
    const results = readLane('flux', result, calls.length);
    return submissions.map(({ submission }, index) => {
      const read = readSubmit(results[index]);
      if ('refusal' in read) return read.refusal;
      this.learn(read.id, submission.id);
      return { kind: 'accepted', jobs: [this.remember(read.id)] };
    });
  }

  private async pollInstance(
    uri: string | undefined,
    ids: readonly string[],
  ): Promise<Answer<ReadonlyMap<string, JobReport>>> {
    const reports = new Map<string, JobReport>();
    for (const chunk of inChunks(ids)) {
      const result = await this.ask(pollArgs(chunk), LIST_LIMIT_MS, uri);
      if (result.kind !== 'exited') return { kind: 'down', words: result.words };
      if (result.code !== 0 && !saysOnlyUnknown(result.stderr)) {
        return { kind: 'down', words: wordsOf(result.stderr) || `flux jobs exited with ${result.code}` };
      }
      for (const [id, report] of readPoll(result.stdout)) reports.set(id, report);
    }
    return { kind: 'answered', value: reports };
  }

  /** Which submission a job was made for, if for one of ours. */
  private async lookUp(job: string): Promise<Answer<string | undefined>> {
    if (this.submissionOf.has(job)) return { kind: 'answered', value: this.submissionOf.get(job) };
    const result = await this.ask(['job', 'info', job, 'jobspec'], COMMAND_LIMIT_MS);
    if (result.kind !== 'exited') return { kind: 'down', words: result.words };
    const words = wordsOf(result.stderr);
    if (result.code !== 0 && isSilence(words)) return { kind: 'down', words };
    const value = submissionOf(result.stdout);
    if (result.code === 0) this.learn(job, value);
    return { kind: 'answered', value };
  }

  private learn(job: string, submission: string | undefined): void {
    if (this.submissionOf.size >= KEPT_SUBMISSIONS) this.submissionOf.clear();
    this.submissionOf.set(job, submission);
  }

  /** The ids to ask each instance about, and the texts by which each was asked for. */
  private byInstance(jobs: readonly string[]): Map<string | undefined, Map<string, string[]>> {
    const instances = new Map<string | undefined, Map<string, string[]>>();
    for (const text of jobs) {
      const address = jobAddress(text);
      if (address === undefined) continue;
      const uri = address.uri ?? this.uri;
      const texts = instances.get(uri) ?? new Map<string, string[]>();
      instances.set(uri, texts);
      texts.set(address.id, [...(texts.get(address.id) ?? []), text]);
    }
    return instances;
  }

  private remember(id: string): string {
    return jobText({ id, uri: this.remembered });
  }

  private ask(args: readonly string[], limitMs: number, uri = this.uri): Promise<CommandResult> {
    return this.run({ program: 'flux', args, limitMs, environment: this.environmentFor(uri) });
  }

  private environmentFor(uri: string | undefined): NodeJS.ProcessEnv {
    const { FLUX_URI: _, ...others } = this.environment;
    return uri === undefined ? others : { ...others, FLUX_URI: uri };
  }
}

/** When a job script was written; undefined where it is gone. */
function writtenAt(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

function mayBeOf({ submittedAt }: ListedJob, written: number | undefined): boolean {
  if (written === undefined) return true;
  return submittedAt >= written - SEARCH_WINDOW_MS.before && submittedAt <= written + SEARCH_WINDOW_MS.after;
}
