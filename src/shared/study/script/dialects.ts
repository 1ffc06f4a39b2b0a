import type { BatchType } from '../../spec/specification.ts';
import type { ScriptDialect } from './dialect.ts';
import { flux } from './flux.ts';
import { local } from './local.ts';
import { lsf } from './lsf.ts';
import { pbs } from './pbs.ts';
import { slurm } from './slurm.ts';

/** The one list of schedulers that scripts can be written for. */
export const DIALECTS: Readonly<Record<BatchType, ScriptDialect>> = {
  local,
  slurm,
  lsf,
  flux,
  pbs,
};
