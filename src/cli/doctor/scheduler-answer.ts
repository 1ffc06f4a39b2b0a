import type { Allocation } from '../../conductor/schedulers/scheduler.ts';
import { type BatchWarning, checkBatch } from '../../conductor/schedulers/slurm/check-batch.ts';
import type { Partition, SlurmFacts } from '../../conductor/schedulers/slurm/facts.ts';
import { suggestOr } from '../../shared/spec/suggest.ts';

export type { Partition, SlurmFacts };

/** What a scheduler says of itself, as far as a batch block can be held against it. */
export type SchedulerAnswer =
  /** Commands that are not on this machine. */
  | { readonly kind: 'missing'; readonly commands: readonly string[] }
  /** The commands are there, and it gives no answer; `words` say why. */
  | { readonly kind: 'silent'; readonly version?: string; readonly words: string }
  | { readonly kind: 'slurm'; readonly facts: SlurmFacts }
  /** The names of its queues; undefined where they could not be read. */
  | { readonly kind: 'queues'; readonly queues: readonly string[] | undefined };

/** What of a step's wishes this scheduler would refuse, or hold for ever. */
export function allocationWarnings(
  answer: SchedulerAnswer,
  name: string,
  allocation: Allocation,
): readonly BatchWarning[] {
  if (answer.kind === 'slurm') return checkBatch(answer.facts, allocation);
  if (answer.kind !== 'queues' || answer.queues === undefined) return [];
  return checkQueue(name, answer.queues, allocation);
}

/** A queue of another server (`queue@server`, to PBS) is not this one's to know; LSF takes several, with spaces. */
function checkQueue(name: string, queues: readonly string[], { queue = '' }: Allocation): BatchWarning[] {
  return queue
    .split(/[\s,]+/)
    .filter((each) => each !== '' && !each.includes('@') && !queues.includes(each))
    .map((each) => {
      const there = queues.length === 0 ? 'it has none: leave queue out' : `there are ${queues.join(', ')}`;
      return {
        key: 'queue',
        message: `${name} has no queue '${each}'`,
        mend: suggestOr(each, queues, there),
      };
    });
}

/** Reads `flux queue status`; an instance without named queues leaves the names out. */
export function readFluxQueues(stdout: string): readonly string[] | undefined {
  const lines = [...stdout.matchAll(/^(?:(\S+): )?Job submission is /gm)];
  if (lines.length === 0) return undefined;
  // Early versions put their own name there.
  return lines.flatMap(([, name]) => (name === undefined || name === 'flux-queue' ? [] : [name]));
}

/** Reads `bqueues -w`. */
export function readLsfQueues(stdout: string): readonly string[] | undefined {
  const [header = '', ...lines] = stdout.split('\n');
  if (!header.startsWith('QUEUE_NAME')) return undefined;
  return lines.flatMap((line) => /^\S+/.exec(line)?.[0] ?? []);
}

/** Reads `qstat -Q -f`. */
export function readPbsQueues(stdout: string): readonly string[] | undefined {
  const queues = [...stdout.matchAll(/^Queue: (\S+)/gm)].map(([, name]) => name!);
  return queues.length === 0 ? undefined : queues;
}
