import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { studyFileName } from '../shared/prepare/naming.ts';

const LEVELS = ['1', '2', '3', '4', '5'];

/** Options that every command takes, before it or behind it. */
export const globalFlags = {
  logpath: Flags.string({
    char: 'l',
    helpGroup: 'GLOBAL',
    helpValue: 'DIR',
    summary: 'Write the log into this directory instead of the study’s logs/.',
  }),
  debug_lvl: Flags.option({ options: LEVELS, default: '2' })({
    char: 'd',
    helpGroup: 'GLOBAL',
    summary: 'What is logged: 1 debug, 2 info, 3 warnings, 4 errors, 5 critical errors.',
  }),
  logstdout: Flags.boolean({
    char: 'c',
    helpGroup: 'GLOBAL',
    summary: 'Log to the standard output too.',
  }),
};

/** How a conductor logs. */
export interface LogOptions {
  /** 1 debug to 5 critical. */
  readonly logLevel: number;
  /** Default `logs/<name>.log` in the study directory. */
  readonly logFile?: string;
  readonly logToStdout: boolean;
}

interface GlobalValues {
  readonly logpath?: string | undefined;
  readonly debug_lvl: string;
  readonly logstdout: boolean;
}

/** What the global options ask of the log of a study's conductor. */
export function logOptions({ logpath, debug_lvl, logstdout }: GlobalValues, studyName: string): LogOptions {
  return {
    logLevel: Number(debug_lvl),
    logToStdout: logstdout,
    ...(logpath === undefined ? {} : { logFile: resolve(logpath, `${studyFileName(studyName)}.log`) }),
  };
}
