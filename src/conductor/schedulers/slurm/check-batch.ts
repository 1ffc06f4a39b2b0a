import { suggestOr } from '../../../shared/spec/suggest.ts';
import type { Allocation } from '../scheduler.ts';
import type { Association, Partition, SlurmFacts } from './facts.ts';

/** What of a batch block, or of a step, a warning is about. */
export type BatchKey = 'queue' | 'bank' | 'qos' | 'nodes' | 'procs' | 'gpus' | 'walltime';

/** Something that Slurm will refuse, or hold for ever, told before anything is submitted. */
export interface BatchWarning {
  readonly key: BatchKey;
  readonly message: string;
  readonly mend: string;
}

/**
 * Holds what a submission asks for against what the site has. These are warnings: the facts may be of another
 * moment, and a site's plugins may change what is asked for.
 */
export function checkBatch(facts: SlurmFacts, allocation: Allocation): BatchWarning[] {
  const { partitions, unknown } = choosePartitions(facts, allocation.queue);
  return [
    ...unknown,
    ...checkBank(facts, allocation),
    ...checkQos(facts, allocation),
    ...checkLimits(partitions, allocation),
  ];
}

/** Slurm takes several partitions, with commas, and starts a job in the first that can. */
function choosePartitions(
  { partitions }: SlurmFacts,
  queue: string | undefined,
): { readonly partitions: readonly Partition[]; readonly unknown: readonly BatchWarning[] } {
  if (queue === undefined || queue === '') {
    const chosen = partitions.filter(({ isDefault }) => isDefault);
    if (chosen.length > 0 || partitions.length === 0) return { partitions: chosen, unknown: [] };
    const message = 'no queue is given, and this Slurm has no default partition';
    return {
      partitions: [],
      unknown: [{ key: 'queue', message, mend: `give one of ${list(names(partitions))}` }],
    };
  }
  const chosen: Partition[] = [];
  const warnings: BatchWarning[] = [];
  for (const name of queue.split(',')) {
    const partition = partitions.find((each) => each.name === name);
    if (partition === undefined) {
      const mend = suggestOr(name, names(partitions), `there are ${list(names(partitions))}`);
      warnings.push({ key: 'queue', message: `Slurm has no partition '${name}'`, mend });
    } else {
      chosen.push(partition);
      if (partition.isUp) continue;
      const mend = 'wait until it is up, or take another';
      warnings.push({ key: 'queue', message: `partition '${name}' is down: it starts no jobs`, mend });
    }
  }
  return {
    partitions: warnings.some(({ message }) => message.includes('no partition')) ? [] : chosen,
    unknown: warnings,
  };
}

/**
 * Where associations are not enforced Slurm takes any account and only writes it down: a user who has some there
 * has probably misspelt this one.
 */
function checkBank(facts: SlurmFacts, { bank, queue }: Allocation): BatchWarning[] {
  const { associations } = facts;
  const isEnforced = enforces(facts, 'associations');
  if (associations === undefined || (associations.length === 0 && !isEnforced)) return [];
  const accounts = [...new Set(associations.map(({ account }) => account))];
  if (bank === undefined || bank === '') {
    if (accounts.length > 0) return [];
    return [
      { key: 'bank', message: 'you have no account on this Slurm', mend: 'ask its administrators for one' },
    ];
  }
  if (!accounts.includes(bank)) {
    const mend = suggestOr(
      bank,
      accounts,
      accounts.length === 0 ? 'you have none' : `you have ${list(accounts)}`,
    );
    const consequence = isEnforced ? '' : ', which will run jobs all the same';
    return [{ key: 'bank', message: `you have no account '${bank}' on this Slurm${consequence}`, mend }];
  }
  if (!isEnforced) return [];
  const own = associations.filter(({ account }) => account === bank);
  if (queue === undefined || own.some(({ partition }) => partition === undefined)) return [];
  const allowed = own.flatMap(({ partition }) => partition ?? []);
  if (queue.split(',').some((name) => allowed.includes(name))) return [];
  const message = `account '${bank}' may not be used in partition '${queue}'`;
  return [{ key: 'bank', message, mend: `it may in ${list(allowed)}` }];
}

function checkQos(facts: SlurmFacts, { qos, bank }: Allocation): BatchWarning[] {
  const { associations } = facts;
  if (qos === undefined || qos === '' || associations === undefined || !enforces(facts, 'qos')) return [];
  const isOfBank = ({ account }: Association): boolean => !bank || account === bank;
  const allowed = [...new Set(associations.filter(isOfBank).flatMap((association) => association.qos))];
  if (allowed.includes(qos)) return [];
  const mend = suggestOr(qos, allowed, allowed.length === 0 ? 'you have none' : `you have ${list(allowed)}`);
  return [{ key: 'qos', message: `you may not use the quality of service '${qos}'`, mend }];
}

/** Each of these words includes those before it. */
const ENFORCES: Readonly<Record<'associations' | 'qos', readonly string[]>> = {
  associations: ['associations', 'limits', 'qos', 'wckeys', 'safe', 'all'],
  qos: ['qos', 'all'],
};

function enforces({ enforced }: SlurmFacts, what: 'associations' | 'qos'): boolean {
  return ENFORCES[what].some((word) => enforced.has(word));
}

/** What no chosen partition allows. */
function checkLimits(partitions: readonly Partition[], allocation: Allocation): BatchWarning[] {
  if (partitions.length === 0) return [];
  const where = `partition ${partitions.map(({ name }) => `'${name}'`).join(' and ')}`;
  const size = checkNodes(partitions, allocation, where) ?? checkProcs(partitions, allocation, where);
  const gpus = checkGpus(partitions, allocation, where);
  const walltime = checkWalltime(partitions, allocation, where);
  return [size, gpus, walltime].filter((warning) => warning !== undefined);
}

/** Finds something of what is asked for that no partition has; `where` names the partitions. */
type LimitCheck = (
  partitions: readonly Partition[],
  allocation: Allocation,
  where: string,
) => BatchWarning | undefined;

const checkNodes: LimitCheck = (partitions, { nodes = 0 }, where) => {
  const most = Math.max(...partitions.map(({ maxNodes }) => maxNodes));
  if (nodes <= most) return undefined;
  const message = `${nodes} nodes are more than the ${most} that a job may have in ${where}`;
  return { key: 'nodes', message, mend: 'ask for less, or for another queue' };
};

const checkProcs: LimitCheck = (partitions, { nodes, procs = 0, coresPerTask = 1 }, where) => {
  const most = Math.max(
    ...partitions.map(({ maxNodes, cpusPerNode }) => Math.min(maxNodes, nodes ?? maxNodes) * cpusPerNode),
  );
  if (procs * coresPerTask <= most || most === 0) return undefined;
  const per = coresPerTask === 1 ? '' : ` with ${coresPerTask} cores each`;
  const message = `${procs} procs${per} are more than the ${most} processors that a job may have in ${where}`;
  return { key: 'procs', message, mend: 'ask for less, for more nodes, or for another queue' };
};

const checkGpus: LimitCheck = (partitions, { gpus = 0 }, where) => {
  const most = Math.max(...partitions.map(({ gpusPerNode }) => gpusPerNode));
  if (gpus <= most) return undefined;
  const have = most === 0 ? 'whose nodes have none' : `whose nodes have at most ${most}`;
  const message = `${gpus} ${gpus === 1 ? 'gpu' : 'gpus'} a node cannot be had in ${where}, ${have}`;
  return { key: 'gpus', message, mend: 'ask for less, or for another queue' };
};

const checkWalltime: LimitCheck = (partitions, { walltimeSeconds = 0 }, where) => {
  const longest = Math.max(...partitions.map(({ maxSeconds }) => maxSeconds ?? Number.POSITIVE_INFINITY));
  if (walltimeSeconds <= longest) return undefined;
  const message = `a walltime of ${clock(walltimeSeconds)} is longer than the ${clock(longest)} of ${where}`;
  return { key: 'walltime', message, mend: 'ask for less, or for another queue' };
};

function names(partitions: readonly Partition[]): string[] {
  return partitions.map(({ name }) => name);
}

function list(words: readonly string[]): string {
  return words.join(', ');
}

/** `1-02:03:04`, as Slurm writes times. */
function clock(seconds: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const time = [(seconds % 86_400) / 3600, (seconds % 3600) / 60, seconds % 60].map(two).join(':');
  return days === 0 ? time : `${days}-${time}`;
}
