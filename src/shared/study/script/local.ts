import type { ScriptDialect } from './dialect.ts';

/** This machine: no header, and the launcher that the batch block gives, if any. */
export const local: ScriptDialect = {
  extension: 'sh',
  headsUnscheduled: false,
  header: () => [],
  launcher: ({ batch }, share) =>
    (batch.launcher ?? '')
      .replaceAll('{procs}', String(share.procs))
      .replaceAll('{nodes}', String(share.nodes ?? 1))
      .trim(),
  nodes: ({ own, shared }) => own.nodes ?? shared.nodes,
};
