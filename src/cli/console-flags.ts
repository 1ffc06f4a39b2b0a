import { Flags } from '@oclif/core';

/** Of every command that works on a cluster from the machine that it lies on. */
export const consoleFlags = {
  data: Flags.string({ required: true, helpValue: 'DIR', summary: 'The data directory of the cluster.' }),
  config: Flags.string({
    helpValue: 'FILE',
    summary: 'The configuration; default config.yaml in the data directory.',
  }),
};
