import { type RunCommand, runCommand } from '../command.ts';
import { ACCOUNTING_LIMIT_MS, FACTS_LIMIT_MS } from './bounds.ts';
import { arrayLimitOf, enforcedBy, hasAccounting, readConfig, type SlurmConfig } from './config.ts';
import { questionEnvironment } from './environment.ts';
import { wordsOf } from './words.ts';

/** A partition, and what it lets a job have; a bound that is absent does not exist. */
export interface Partition {
  readonly name: string;
  readonly isDefault: boolean;
  /** Whether it takes and starts jobs; others may still queue them. */
  readonly isUp: boolean;
  readonly nodes: number;
  /** Of its largest nodes. */
  readonly cpusPerNode: number;
  /** Of those of its nodes that have most. */
  readonly gpusPerNode: number;
  readonly maxSeconds?: number;
  /** Nodes that one job may have. */
  readonly maxNodes: number;
}

/** Where a user may charge jobs to, and with what quality of service. */
export interface Association {
  readonly account: string;
  /** Only in this partition; absent: in all. */
  readonly partition?: string;
  readonly qos: readonly string[];
}

/** What a Slurm tells of itself. */
export interface SlurmFacts {
  readonly version: string;
  readonly cluster: string;
  readonly partitions: readonly Partition[];
  /** The user's; undefined where there is no accounting, or it does not answer. */
  readonly associations: readonly Association[] | undefined;
  readonly hasAccounting: boolean;
  /** What accounting enforces, such as `associations` and `qos`: what it does not, is only recorded. */
  readonly enforced: ReadonlySet<string>;
  /** How many members an array may have; 1: no arrays. */
  readonly arrayLimit: number;
}

/** The facts, or why there are none; `installed` is the version where the commands are there but nobody answers. */
export type SlurmFactsAnswer =
  | { readonly kind: 'known'; readonly facts: SlurmFacts }
  | { readonly kind: 'unknown'; readonly installed?: string; readonly words: string };

/** Where to ask, and as whom. */
export interface FactsOptions {
  readonly run?: RunCommand;
  readonly environment?: NodeJS.ProcessEnv;
  /** The user's name, whose associations are wanted. */
  readonly user: string;
}

/** Asks Slurm about itself, within a minute or so at the worst. */
export async function slurmFacts(options: FactsOptions): Promise<SlurmFactsAnswer> {
  const { run = runCommand, environment = process.env, user } = options;
  const ask = async (program: string, args: readonly string[], limitMs = FACTS_LIMIT_MS) => {
    const result = await run({ program, args, limitMs, environment: questionEnvironment(environment) });
    if (result.kind !== 'exited') return { ok: false, text: result.words } as const;
    if (result.code === 0) return { ok: true, text: result.stdout } as const;
    return { ok: false, text: wordsOf(result.stderr) || `${program} exited with ${result.code}` } as const;
  };
  const version = await ask('sbatch', ['--version']);
  if (!version.ok) return { kind: 'unknown', words: version.text };
  const installed = readVersion(version.text);
  const [config, partitions] = await Promise.all([
    ask('scontrol', ['show', 'config']),
    ask('sinfo', ['--noheader', '--all', '--exact', '--format', PARTITION_FORMAT]),
  ]);
  if (!config.ok) return { kind: 'unknown', installed, words: config.text };
  if (!partitions.ok) return { kind: 'unknown', installed, words: partitions.text };
  const read = readConfig(config.text);
  const accounts = hasAccounting(read)
    ? await ask('sacctmgr', associationArgs(user), ACCOUNTING_LIMIT_MS)
    : undefined;
  const associations = accounts?.ok ? readAssociations(accounts.text) : undefined;
  return { kind: 'known', facts: factsOf(installed, read, readPartitions(partitions.text), associations) };
}

function factsOf(
  version: string,
  config: SlurmConfig,
  partitions: readonly Partition[],
  associations: readonly Association[] | undefined,
): SlurmFacts {
  return {
    version,
    cluster: config.get('ClusterName') ?? '',
    partitions,
    associations,
    hasAccounting: hasAccounting(config),
    enforced: enforcedBy(config),
    arrayLimit: arrayLimitOf(config) ?? 1,
  };
}

/** `slurm-wlm 22.05.8`: the name differs between packages. */
function readVersion(text: string): string {
  return /(\d[\w.-]*)\s*$/.exec(text)?.[1] ?? text.trim();
}

/** Name, availability, time limit, sizes of jobs, nodes, processors a node, other resources a node. */
const PARTITION_FORMAT = '%P|%a|%l|%s|%D|%c|%G';

/** Reads sinfo's answer; a partition has a line for each kind of node in it, since `--exact` asks for that. */
export function readPartitions(stdout: string): Partition[] {
  const partitions = new Map<string, Partition>();
  for (const line of stdout.split('\n')) {
    const [mark, available, limit, sizes, count, cpus, gres] = line.split('|');
    if (gres === undefined) continue;
    const name = mark!.replace(/\*$/, '');
    const earlier = partitions.get(name);
    const nodes = (earlier?.nodes ?? 0) + number(count!);
    const maxSeconds = slurmSeconds(limit!);
    const most = /^\d+-(\d+)$/.exec(sizes!)?.[1] ?? /^(\d+)$/.exec(sizes!)?.[1];
    partitions.set(name, {
      name,
      isDefault: mark !== name,
      isUp: available === 'up',
      nodes,
      cpusPerNode: Math.max(earlier?.cpusPerNode ?? 0, number(cpus!)),
      gpusPerNode: Math.max(earlier?.gpusPerNode ?? 0, gpusOf(gres)),
      ...(maxSeconds === undefined ? {} : { maxSeconds }),
      maxNodes: Math.min(nodes, Number(most ?? nodes)),
    });
  }
  return [...partitions.values()];
}

/** Counts may have a `+` (or more on some nodes) or a letter (thousands) behind them. */
function number(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(K?)/.exec(text);
  return match === null ? 0 : Number(match[1]) * (match[2] === 'K' ? 1000 : 1);
}

/** The gpus in `gpu:a100:4(S:0-1),gpu:2,nvme:1`, of all types together. */
function gpusOf(gres: string): number {
  const counts = [...gres.matchAll(/(?:^|,)gpu(?::[^:,(]+)?:(\d+)/g)].map(([, count]) => Number(count));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** `[D-]H:M:S` and its shorter forms in seconds; undefined for `infinite` and what is no time. */
function slurmSeconds(text: string): number | undefined {
  const match = /^(?:(\d+)-)?(?:(?:(\d+):)?(\d+):)?(\d+)$/.exec(text);
  if (match === null) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return ((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!;
}

function associationArgs(user: string): string[] {
  const what = ['show', 'associations', `user=${user}`, 'format=Account,Partition,QOS'];
  return ['--noheader', '--parsable2', ...what];
}

/** Reads sacctmgr's answer. */
export function readAssociations(stdout: string): Association[] {
  const associations: Association[] = [];
  for (const line of stdout.split('\n')) {
    const [account, partition, qos] = line.split('|');
    if (qos === undefined || account === '') continue;
    associations.push({
      account: account!,
      ...(partition === '' ? {} : { partition: partition! }),
      qos: qos.split(',').filter((name) => name !== ''),
    });
  }
  return associations;
}
