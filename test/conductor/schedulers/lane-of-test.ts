import type { Command, CommandResult, RunCommand } from '../../../src/conductor/schedulers/command.ts';
import { laneCommand } from '../../../src/conductor/schedulers/submit-lane.ts';

/** What stands before the calls in a lane's arguments, up to the program and how long a failure may take. */
const HEAD = laneCommand('program', []).args.length;

/** Runs each call of a lane by itself, as bash would, and gives their answers back as a lane's. */
export function throughLanes(run: RunCommand): RunCommand {
  return async (command) => {
    if (command.program !== 'bash') return run(command);
    let stdout = '';
    let stderr = '';
    for (const call of callsOf(command)) {
      const result: CommandResult = await run(call);
      if (result.kind !== 'exited') return result;
      stdout += `${result.stdout}\0${result.code}\0`;
      stderr += `${result.stderr}\0`;
    }
    return { kind: 'exited', code: 0, stdout, stderr };
  };
}

function callsOf(lane: Command): Command[] {
  const program = lane.args[HEAD - 2]!;
  const calls: Command[] = [];
  let read = 0;
  for (let at = HEAD; at < lane.args.length; ) {
    const [length, count] = [Number(lane.args[at]), Number(lane.args[at + 1])];
    const input = lane.input?.slice(read, read + length) ?? '';
    calls.push({ ...lane, program, args: lane.args.slice(at + 2, at + 2 + count), input });
    read += length;
    at += 2 + count;
  }
  return calls;
}
