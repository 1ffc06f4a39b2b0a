import { execa } from 'execa';
import type { Cluster } from '../cluster.ts';
import type { QueueConfig } from '../config/config.ts';
import { probeRegularly } from '../probing.ts';
import { isLocalQueue } from './queue-batch.ts';

/** Whether the batch schedulers of the queues answer, asked again and again. */
export interface SchedulerWatch {
  /** Why a queue's scheduler takes no jobs now, as a sentence; undefined where it does, or none is behind the queue. */
  troubleOf(queue: QueueConfig): string | undefined;
  close(): Promise<void>;
}

/** Schedulers are asked about their own health so often, in milliseconds; a login node bears more than that. */
const EVERY_MS = 60_000;

/** A scheduler that takes longer than this to say that it is there cannot be counted on. Milliseconds. */
const ANSWER_MS = 20_000;

/** What asks a scheduler whether it is there; by the types of a batch block. */
const QUESTIONS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  slurm: ['scontrol', 'ping'],
  flux: ['flux', 'getattr', 'size'],
  lsf: ['lsid'],
  pbs: ['qstat', '-B'],
};

/** Asks the schedulers of all queues at once and then in intervals; one question each, however many queues it has. */
export function watchSchedulers({ clock, config }: Pick<Cluster, 'clock' | 'config'>): SchedulerWatch {
  const behind = new Map(
    config.queues.filter((queue) => !isLocalQueue(queue)).map((queue) => [keyOf(queue), queue]),
  );
  const troubles = new Map<string, string | undefined>();
  if (behind.size === 0) return { troubleOf: () => undefined, close: async () => undefined };
  const askAll = async (): Promise<void> => {
    const answers = [...behind].map(async ([key, queue]) => [key, await ask(queue)] as const);
    for (const [key, trouble] of await Promise.all(answers)) troubles.set(key, trouble);
  };
  const first = askAll();
  const probing = probeRegularly(clock, EVERY_MS, askAll);
  return {
    troubleOf: (queue) => troubles.get(keyOf(queue)),
    async close() {
      await Promise.all([first, probing.close()]);
    },
  };
}

/** One scheduler, as a queue names it: of Flux there may be several. */
function keyOf({ batch }: QueueConfig): string {
  return `${String(batch?.type)} ${String(batch?.uri ?? '')}`;
}

async function ask({ batch }: QueueConfig): Promise<string | undefined> {
  const question = QUESTIONS[String(batch?.type)];
  if (question === undefined) return undefined;
  const [program, ...args] = question;
  const { exitCode, code, stdout, stderr, timedOut } = await execa(program, args, {
    reject: false,
    stdin: 'ignore',
    timeout: ANSWER_MS,
    env: typeof batch?.uri === 'string' ? { FLUX_URI: batch.uri } : {},
  });
  const name = question.join(' ');
  if (timedOut) return `its scheduler does not answer (${name}: nothing within ${ANSWER_MS / 1000} s)`;
  if (code === 'ENOENT') return `its scheduler cannot be asked (${program} is not installed here)`;
  // A controller that is down is told of in so many words, by some versions with exit code 0.
  const isUp = exitCode === 0 && (program !== 'scontrol' || / is UP\b/.test(stdout));
  if (isUp) return undefined;
  const said = `${stderr}\n${stdout}`.trim().split('\n')[0];
  return `its scheduler does not answer (${name}: ${said === '' ? `exit code ${exitCode}` : said})`;
}
