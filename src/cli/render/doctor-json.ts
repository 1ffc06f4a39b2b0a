import { programVersion } from '../../shared/version.ts';
import type { AskedScheduler, Examination } from '../doctor/examination.ts';

/** What `doctor --json` says of this machine. */
export function examinationJson({ programs, schedulers, machine }: Examination): Record<string, unknown> {
  return {
    version: programVersion(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    machine: { ...machine, runnerMend: machine.runnerMend ?? null },
    programs: programs.map(({ program: { kind, name }, presence: { kind: state, ...rest } }) => {
      return { kind, name, state, ...rest };
    }),
    schedulers: schedulers.map(schedulerJson),
  };
}

function schedulerJson({ type, answer }: AskedScheduler): Record<string, unknown> {
  switch (answer.kind) {
    case 'missing':
      return { type, state: 'missing', commands: answer.commands };
    case 'silent':
      return { type, state: 'silent', version: answer.version ?? null, words: answer.words };
    case 'queues':
      return { type, state: 'answers', queues: answer.queues ?? null };
    case 'slurm': {
      const { facts } = answer;
      const { enforced, associations = null } = facts;
      return { type, state: 'answers', ...facts, associations, enforced: [...enforced] };
    }
  }
}
