import type { RunCommand } from '../../../../src/conductor/schedulers/command.ts';
import { meaningOf } from '../../../../src/conductor/schedulers/slurm/job-states.ts';
import type { PrivateSlurm } from './private-slurm.ts';

/** A Slurm whose queue forgets ended jobs when the test says so, and not only after MinJobAge and a minute. */
export interface ForgetfulQueue {
  readonly run: RunCommand;
  forgetEnded(): Promise<void>;
}

/** Stands between the program and a real queue, and leaves out of its answers what is to be forgotten. */
export function forgetfulQueue(slurm: PrivateSlurm, run: RunCommand): ForgetfulQueue {
  const forgotten = new Set<string>();
  return {
    run: async (command) => {
      const result = await run(command);
      if (command.program !== 'squeue' || result.kind !== 'exited') return result;
      const lines = result.stdout.split('\n').filter((line) => !forgotten.has(line.split('|')[0]!));
      return { ...result, stdout: lines.join('\n') };
    },
    forgetEnded: async () => {
      const rows = await slurm.command('squeue', '-haO', 'JobArrayID:|,ArrayJobID:|,State:|', '--states=all');
      const live = new Set<string>();
      for (const row of rows.split('\n')) {
        const [id, base, state] = row.split('|');
        const isEnded = meaningOf(state ?? '', '').kind === 'ended';
        // A search goes by the id that an array's elements share, so that one is forgotten with the last of them.
        if (isEnded) forgotten.add(id!).add(base!);
        else live.add(base!);
      }
      for (const base of live) forgotten.delete(base);
    },
  };
}
