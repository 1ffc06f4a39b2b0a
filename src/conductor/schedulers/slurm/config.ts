/** What `scontrol show config` says, by name, in the controller's own spelling. */
export type SlurmConfig = ReadonlyMap<string, string>;

/** Reads `Name = value` lines. */
export function readConfig(stdout: string): SlurmConfig {
  const config = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const match = /^\s*(\w+)\s*=\s(.*)$/.exec(line);
    if (match !== null) config.set(match[1]!, match[2]!.trim());
  }
  return config;
}

/**
 * How many elements an array may have, counted from 0: MaxArraySize, and the scheduler's own bound if there is
 * one. 1 where arrays are off; undefined where the configuration does not say.
 */
export function arrayLimitOf(config: SlurmConfig): number | undefined {
  const size = Number(config.get('MaxArraySize') ?? Number.NaN);
  if (!Number.isInteger(size)) return undefined;
  const tasks = /\bmax_array_tasks=(\d+)/.exec(config.get('SchedulerParameters') ?? '')?.[1];
  return Math.max(1, Math.min(size, Number(tasks ?? size)));
}

/** Whether the site keeps accounts of jobs that have ended. */
export function hasAccounting(config: SlurmConfig): boolean {
  const type = config.get('AccountingStorageType') ?? '';
  return type !== '' && type !== '(null)' && type !== 'accounting_storage/none';
}

/** What accounting enforces, such as `associations`, `limits`, `qos`, in small letters. */
export function enforcedBy(config: SlurmConfig): ReadonlySet<string> {
  const words = (config.get('AccountingStorageEnforce') ?? '').toLowerCase().split(',');
  return new Set(words.filter((word) => word !== '' && word !== 'none' && word !== '(null)'));
}
