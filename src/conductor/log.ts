import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import pino, { type Logger } from 'pino';
import { formatTime } from '../shared/state/status-csv.ts';

/** What `-d` takes: 1 debug, 2 info, 3 warning, 4 error, 5 critical. */
const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;

/** Where the log goes, and how much of it. */
export interface LogOptions {
  /** The log file; its directory is made. */
  readonly file: string;
  /** 1 to 5. */
  readonly level: number;
  /** Also write to standard output. */
  readonly toStdout: boolean;
}

/** An open log. Closing it writes out what is still held back. */
export interface ConductorLog {
  readonly logger: Logger;
  close(): void;
}

/** The level names of the lines that users of the log know. */
const NAMES: Record<number, string> = { 20: 'DEBUG', 30: 'INFO', 40: 'WARNING', 50: 'ERROR', 60: 'CRITICAL' };

/**
 * Opens the log: pino's records as lines `[2026-11-22 04:45:52: INFO] message`, a stack trace below where there
 * is one. A log that cannot be written never stops a study: the lines that do not fit are dropped.
 */
export function openLog({ file, level, toStdout }: LogOptions): ConductorLog {
  mkdirSync(dirname(file), { recursive: true });
  const descriptor = openSync(file, 'a', 0o644);
  let isOpen = true;
  const write = (record: string): void => {
    if (!isOpen) return;
    const line = formatLine(record);
    try {
      writeSync(descriptor, line);
    } catch {
      // The disk is full: the store's own troubles are reported by status, and the log goes on when it can.
    }
    if (toStdout) process.stdout.write(line);
  };
  const logger = pino({ base: null, level: LOG_LEVELS[level - 1] ?? 'info' }, { write });
  const close = (): void => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
  return { logger, close };
}

/** One of pino's JSON records as a line of the log. */
function formatLine(record: string): string {
  const { level, time, msg, err } = JSON.parse(record) as {
    level: number;
    time: number;
    msg: string;
    err?: { stack?: string };
  };
  const stack = err?.stack === undefined ? '' : `${err.stack}\n`;
  return `[${formatTime(time)}: ${NAMES[level] ?? level}] ${msg}\n${stack}`;
}
