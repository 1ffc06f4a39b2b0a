import type { CommandResult, RunCommand } from '../../conductor/schedulers/command.ts';

/**
 * Runs commands that have so many milliseconds all together, from now on, beside the limit of each. What has not
 * answered by then is cut off, and not waited for even where it cannot be ended, as on a file server that hangs.
 */
export function withPatience(run: RunCommand, totalMs: number): RunCommand {
  const end = performance.now() + totalMs;
  return async (command) => {
    const leftMs = Math.max(1, Math.ceil(end - performance.now()));
    const [limitMs, toldMs] =
      command.limitMs <= leftMs ? [command.limitMs, command.limitMs] : [leftMs, totalMs];
    const words = `${command.program} took longer than ${toldMs / 1000} s`;
    let timer: NodeJS.Timeout | undefined;
    const cut = new Promise<CommandResult>((resolve) => {
      timer = setTimeout(() => resolve({ kind: 'cut', words }), limitMs);
    });
    return Promise.race([run({ ...command, limitMs }), cut]).finally(() => clearTimeout(timer));
  };
}
