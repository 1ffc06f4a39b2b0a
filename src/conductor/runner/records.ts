/** What a runner tells; native/PROTOCOL.md has the meaning of each. Times are Unix milliseconds. */
export type RunnerRecord =
  | {
      readonly kind: 'runner';
      readonly pid: number;
      readonly startTicks: string;
      readonly bootId: string;
      readonly at: number;
    }
  | { readonly kind: 'started'; readonly token: string; readonly pid: number; readonly at: number }
  | EndedRecord
  | {
      readonly kind: 'failed';
      readonly token: string;
      readonly at: number;
      /** Such as `ENOENT`, or a number where the runner knows no name. */
      readonly errno: string;
      readonly stage: StartStage;
    }
  | { readonly kind: 'dropped'; readonly token: string; readonly at: number }
  | { readonly kind: 'closing'; readonly at: number };

/** A step's end. CPU times are in milliseconds, the largest resident set in KiB; 0 where not known. */
export interface EndedRecord {
  readonly kind: 'ended';
  readonly token: string;
  readonly at: number;
  readonly exit: { readonly code: number } | { readonly signal: number };
  readonly userMs: number;
  readonly systemMs: number;
  readonly maxRssKib: number;
  readonly reason: EndReason;
}

/** Who ended a step: nobody but itself, its walltime, or a cancellation. */
export type EndReason = 'none' | 'walltime' | 'cancelled';

const START_STAGES = ['directory', 'output', 'script', 'process'] as const;

/** What could not be had when a step was to start. */
export type StartStage = (typeof START_STAGES)[number];

/** The records of the whole lines in some bytes, and how many bytes those lines are. */
export interface ParsedRecords {
  readonly records: RunnerRecord[];
  readonly length: number;
}

const NEWLINE = 0x0a;

/**
 * Takes the whole lines of some bytes. What follows the last newline is left for later: it may grow into a
 * line. Lines that are no records, such as what a full disk cut short, are passed over.
 */
export function parseRecords(bytes: Buffer): ParsedRecords {
  const length = bytes.lastIndexOf(NEWLINE) + 1;
  const records: RunnerRecord[] = [];
  for (const line of bytes.toString('utf8', 0, length).split('\n')) {
    const record = parseRecord(line);
    if (record !== undefined) records.push(record);
  }
  return { records, length };
}

/** Follows a stream of records through chunks that end anywhere: each call returns what has become whole. */
export function createRecordReader(): (chunk: Buffer) => RunnerRecord[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const { records, length } = parseRecords(bytes);
    rest = bytes.subarray(length);
    return records;
  };
}

/** One line without its newline. Undefined where it is no record, or not all of one. */
export function parseRecord(line: string): RunnerRecord | undefined {
  const [kind, ...fields] = line.split(' ');
  switch (kind) {
    case 'runner':
      return parseRunner(fields);
    case 'started':
      return parseStarted(fields);
    case 'ended':
      return parseEnded(fields);
    case 'failed':
      return parseFailed(fields);
    case 'dropped': {
      const [token, at] = exactly(2, fields) ?? [];
      return isToken(token) && isTime(at) ? { kind, token, at: Number(at) } : undefined;
    }
    case 'closing': {
      const [at] = exactly(1, fields) ?? [];
      return isTime(at) ? { kind, at: Number(at) } : undefined;
    }
    default:
      return undefined;
  }
}

function parseRunner(fields: readonly string[]): RunnerRecord | undefined {
  const [pid, startTicks, bootId, at] = exactly(4, fields) ?? [];
  if (!isNumber(pid) || !isNumber(startTicks) || !isToken(bootId) || !isTime(at)) return undefined;
  return { kind: 'runner', pid: Number(pid), startTicks, bootId, at: Number(at) };
}

function parseStarted(fields: readonly string[]): RunnerRecord | undefined {
  const [token, pid, at] = exactly(3, fields) ?? [];
  if (!isToken(token) || !isNumber(pid) || !isTime(at)) return undefined;
  return { kind: 'started', token, pid: Number(pid), at: Number(at) };
}

function parseEnded(fields: readonly string[]): RunnerRecord | undefined {
  const [token, at, how, value, user, system, rss, why] = exactly(8, fields) ?? [];
  if (!isToken(token) || !isTime(at) || !isNumber(value)) return undefined;
  if (!isNumber(user) || !isNumber(system) || !isNumber(rss)) return undefined;
  const reason = why === '-' ? 'none' : why;
  if (reason !== 'none' && reason !== 'walltime' && reason !== 'cancelled') return undefined;
  if (how !== 'exit' && how !== 'signal') return undefined;
  return {
    kind: 'ended',
    token,
    at: Number(at),
    exit: how === 'exit' ? { code: Number(value) } : { signal: Number(value) },
    userMs: Number(user),
    systemMs: Number(system),
    maxRssKib: Number(rss),
    reason,
  };
}

function parseFailed(fields: readonly string[]): RunnerRecord | undefined {
  const [token, at, errno, stageText] = exactly(4, fields) ?? [];
  const stage = START_STAGES.find((known) => known === stageText);
  if (!isToken(token) || !isTime(at) || !isToken(errno) || stage === undefined) return undefined;
  return { kind: 'failed', token, at: Number(at), errno, stage };
}

function exactly(count: number, fields: readonly string[]): readonly string[] | undefined {
  return fields.length === count ? fields : undefined;
}

function isToken(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

function isNumber(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,15}$/.test(text);
}

/** Thirteen digits until the year 2286: a time at the end of a torn line has fewer, and is not taken for one. */
function isTime(text: string | undefined): text is string {
  return text !== undefined && /^\d{13}$/.test(text);
}
