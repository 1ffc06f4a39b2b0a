import { readdirSync, readFileSync } from 'node:fs';

/**
 * Which process this is, beyond its pid: pids are used again, but never with the same start time on the same
 * boot of a machine.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between the machine's start and the process's: field 22 of `/proc/PID/stat`. */
  readonly startTicks: string;
  /** The kernel's random name for this boot of the machine. */
  readonly bootId: string;
}

/** The kernel's name for this boot of the machine; empty where it does not tell. */
function bootId(): string {
  return readText('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

/** The identity of a live process. Throws where there is none with this pid. */
export function identify(pid: number): ProcessIdentity {
  const startTicks = startTicksOf(pid);
  if (startTicks === undefined) throw new Error(`there is no process ${pid}`);
  return { pid, startTicks, bootId: bootId() };
}

/** Whether that very process lives; a zombie does not. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identity.bootId === bootId() && startTicksOf(identity.pid) === identity.startTicks;
}

/** The processes of a machine, as far as a conductor looks at them. */
export interface ProcessTable {
  bootId(): string;
  isAlive(identity: ProcessIdentity): boolean;
  carriesAttempt(pid: number, token: string): boolean;
  findAttempts(): ReadonlyMap<string, readonly number[]>;
  leadsGroup(pid: number): boolean;
  findCommands(argument: string): readonly Command[];
  /** Sends a signal to a process group, or only looks for it; false where it has gone. */
  signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL' | 'look'): boolean;
}

/** A live process, and the argument of its command line by which it was found. */
export interface Command {
  readonly identity: ProcessIdentity;
  readonly argument: string;
}

/** The environment variable by which a step's processes carry their attempt's token. */
const ATTEMPT_VARIABLE = 'MAESTRO_ATTEMPT';

/** Whether a live process carries this attempt's token in its environment. */
function carriesAttempt(pid: number, token: string): boolean {
  return attemptOf(pid) === token && startTicksOf(pid) !== undefined;
}

/** The pids of all live processes that carry an attempt's token in their environment, by token, lowest first. */
export function findAttempts(): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const pid of processIds()) {
    const token = attemptOf(pid);
    if (token === undefined || startTicksOf(pid) === undefined) continue;
    found.set(
      token,
      [...(found.get(token) ?? []), pid].sort((x, y) => x - y),
    );
  }
  return found;
}

function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL' | 'look'): boolean {
  try {
    return process.kill(-pid, signal === 'look' ? 0 : signal);
  } catch {
    // It has ended.
    return false;
  }
}

/** This machine's processes. */
export const systemProcesses: ProcessTable = {
  bootId,
  isAlive,
  carriesAttempt,
  findAttempts,
  leadsGroup,
  findCommands,
  signalGroup,
};

function attemptOf(pid: number): string | undefined {
  const prefix = `${ATTEMPT_VARIABLE}=`;
  const entry = readText(`/proc/${pid}/environ`)
    ?.split('\0')
    .find((text) => text.startsWith(prefix));
  return entry?.slice(prefix.length);
}

/** The live processes that have an argument with this beginning in their command line. */
function findCommands(beginning: string): Command[] {
  return processIds().flatMap((pid) => {
    const argument = readText(`/proc/${pid}/cmdline`)
      ?.split('\0')
      .find((text) => text.startsWith(beginning));
    const startTicks = argument === undefined ? undefined : startTicksOf(pid);
    if (argument === undefined || startTicks === undefined) return [];
    return [{ identity: { pid, startTicks, bootId: bootId() }, argument }];
  });
}

function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Whether a live process leads its group, as a step does; what a step leaves behind is in the group of the step. */
function leadsGroup(pid: number): boolean {
  return liveStat(pid)?.[2] === String(pid);
}

/** Undefined for a pid without a process, and for a zombie. */
function startTicksOf(pid: number): string | undefined {
  return liveStat(pid)?.[19];
}

/** The fields of `/proc/PID/stat` from the state on; undefined for a pid without a process, and for a zombie. */
function liveStat(pid: number): string[] | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the command in parentheses, which may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields;
}

/** Undefined where the process has gone, or is another user's. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
