import type { Cluster } from '../cluster.ts';
import { tellAdministrators } from '../mail/outbox.ts';

/** Why a queue cannot run jobs now, as a sentence; undefined where it can. */
export type TroubleOf = (queue: string) => string | undefined;

/** What is known of the queues since they were looked at last. */
export interface QueueWatch {
  /** What troubles each queue; undefined for one that is healthy. By name, in the order of the configuration. */
  troubles(): ReadonlyMap<string, string | undefined>;
  close(): void;
}

/** How often queues are looked at, in milliseconds. */
const EVERY_MS = 60_000;

/**
 * Looks at the queues in intervals. The administrators get a mail when one has fallen ill, and when it is well
 * again; that a server starts with ill queues is news as well.
 */
export function watchQueues(cluster: Cluster, troubleOf: TroubleOf): QueueWatch {
  const { clock, config, log } = cluster;
  let known = new Map<string, string | undefined>(config.queues.map(({ name }) => [name, undefined]));
  const look = (): void => {
    const found = new Map(config.queues.map(({ name }) => [name, troubleOf(name)] as const));
    try {
      tellChanges(cluster, known, found);
      known = found;
    } catch (err) {
      // The store may be what is ill; whoever asks after the health of the server hears of that. Next time, then.
      log.error({ err }, 'the administrators could not be told of the queues');
    }
    stop = clock.after(EVERY_MS, look);
  };
  let stop = clock.after(0, look);
  return { troubles: () => known, close: () => stop() };
}

type Troubles = ReadonlyMap<string, string | undefined>;

function tellChanges(cluster: Cluster, before: Troubles, now: Troubles): void {
  for (const [queue, trouble] of now) {
    const isNews = (before.get(queue) === undefined) !== (trouble === undefined);
    if (!isNews) continue;
    if (trouble === undefined) cluster.log.info({ queue }, 'a queue is healthy again');
    else cluster.log.warn({ queue, trouble }, 'a queue is not healthy');
    tellAdministrators(cluster, letterOf(queue, trouble));
  }
}

function letterOf(queue: string, trouble: string | undefined) {
  if (trouble === undefined) {
    return { subject: `Queue ${queue} is healthy again`, body: `Queue ${queue} gets jobs again.\n` };
  }
  const body = `Queue ${queue} gets no more jobs: ${trouble}.\nJobs that wait for it run once it is healthy again.\n`;
  return { subject: `Queue ${queue} is not healthy`, body };
}
