import { userInfo } from 'node:os';
import { slurmFacts } from '../../conductor/schedulers/slurm/facts.ts';
import type { Batch, BatchType } from '../../shared/spec/specification.ts';
import type { World } from './probe.ts';
import { programFile } from './program-file.ts';
import { BATCH_COMMANDS } from './programs.ts';
import { readFluxQueues, readLsfQueues, readPbsQueues, type SchedulerAnswer } from './scheduler-answer.ts';

/** The schedulers that steps can be handed to. */
export type SchedulerType = Exclude<BatchType, 'local'>;

/** How long one of its commands may take, in milliseconds; whoever asks may have less patience. */
const ANSWER_LIMIT_MS = 30_000;

/** Asks a scheduler about itself, for checks of a batch block. */
export async function askScheduler(
  type: SchedulerType,
  { uri }: Pick<Batch, 'uri'>,
  world: World,
): Promise<SchedulerAnswer> {
  const { environment } = world;
  const missing = BATCH_COMMANDS[type].commands.filter((name) => !programFile(name, environment.PATH));
  if (missing.length > 0) return { kind: 'missing', commands: missing };
  if (type === 'slurm') return askSlurm(world);
  const where = type === 'flux' && uri !== undefined ? { FLUX_URI: uri } : {};
  return askForQueues(QUEUE_QUESTIONS[type], { ...world, environment: { ...environment, ...where } });
}

async function askSlurm({ run, environment }: World): Promise<SchedulerAnswer> {
  const answer = await slurmFacts({ run, environment, user: userName() });
  if (answer.kind === 'known') return { kind: 'slurm', facts: answer.facts };
  const { installed, words } = answer;
  return { kind: 'silent', ...(installed === undefined ? {} : { version: installed }), words };
}

/** In a container there may be no name for the user; Slurm's tools take the number then. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}

/** A command that lists queues, and how its answer is read. */
interface QueueQuestion {
  readonly command: readonly [program: string, ...args: string[]];
  readonly read: (stdout: string) => readonly string[] | undefined;
}

const QUEUE_QUESTIONS: Readonly<Record<Exclude<SchedulerType, 'slurm'>, QueueQuestion>> = {
  flux: { command: ['flux', 'queue', 'status'], read: readFluxQueues },
  lsf: { command: ['bqueues', '-w'], read: readLsfQueues },
  pbs: { command: ['qstat', '-Q', '-f'], read: readPbsQueues },
};

async function askForQueues(question: QueueQuestion, { run, environment }: World): Promise<SchedulerAnswer> {
  const [program, ...args] = question.command;
  const result = await run({
    program,
    args,
    limitMs: ANSWER_LIMIT_MS,
    environment: { ...environment, LC_ALL: 'C' },
  });
  if (result.kind !== 'exited') return { kind: 'silent', words: result.words };
  if (result.code === 0) return { kind: 'queues', queues: question.read(result.stdout) };
  const words = result.stderr.replace(/\s+/g, ' ').trim();
  return { kind: 'silent', words: words || `${program} exited with ${result.code}` };
}
