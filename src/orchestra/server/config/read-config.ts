import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parse, stringify } from 'yaml';
import { UserError } from '../../../shared/errors.ts';
import { type ClusterConfig, defaultConfig } from './config.ts';

/** Reads the configuration of a cluster; makes the default one where there is none yet. */
export function readConfig(file: string): ClusterConfig {
  if (!existsSync(file)) {
    writeFileSync(file, stringify(defaultConfig(availableParallelism())), { mode: 0o600, flag: 'wx' });
  }
  try {
    return parse(readFileSync(file, 'utf8')) as ClusterConfig;
  } catch (error) {
    throw new UserError(`${file} is not YAML: ${(error as Error).message.split('\n')[0]}`);
  }
}
