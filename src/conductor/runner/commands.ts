/** A step to be started, as the runner needs to know it. */
export interface StartOrder {
  /** Names the attempt: 1 to 200 of `A-Z a-z 0-9 . _ -`. */
  readonly token: string;
  readonly cores: number;
  /** Devices for `CUDA_VISIBLE_DEVICES`; none leaves the variable as it is. */
  readonly gpus: readonly number[];
  /** 0 is no limit. */
  readonly walltimeMs: number;
  /** From SIGTERM to SIGKILL when the walltime has come. */
  readonly graceMs: number;
  /** Absolute path of the working directory. */
  readonly directory: string;
  /** Absolute path of the executable. */
  readonly script: string;
  /** Prefix of the output files in the directory: `<output>.<pid>.out` and `.err`. */
  readonly output: string;
}

/** A runner stops reading at a longer one. */
const COMMAND_MAX_BYTES = 64 * 1024;

/** The command that starts a step. */
export function encodeStart(order: StartOrder): string {
  return encode([
    'start',
    token(order.token),
    whole(order.cores),
    order.gpus.map(whole).join(','),
    whole(order.walltimeMs),
    whole(order.graceMs),
    order.directory,
    order.script,
    order.output,
  ]);
}

/** The command that ends a step, or takes it from the queue; `graceMs` is the time from SIGTERM to SIGKILL. */
export function encodeCancel(attempt: string, graceMs: number): string {
  return encode(['cancel', token(attempt), whole(graceMs)]);
}

/** The command that sets how many cores steps may fill, and how many may run at once (0: any number). */
export function encodeCapacity(cores: number, inFlight: number): string {
  return encode(['capacity', whole(cores), whole(inFlight)]);
}

/** Throws for what the runner could not read: a field too many, or too much of it, would end its reading. */
function encode(fields: readonly string[]): string {
  const command = fields.map((field) => `${field}\0`).join('');
  if (fields.some((field) => field.includes('\0')))
    throw new Error('a NUL character in a command to the runner');
  if (Buffer.byteLength(command) > COMMAND_MAX_BYTES) throw new Error('a command to the runner is too long');
  return command;
}

function token(text: string): string {
  if (!/^[\w.-]{1,200}$/.test(text)) throw new Error(`no token for the runner: "${text}"`);
  return text;
}

function whole(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`no number for the runner: ${value}`);
  return String(value);
}
