import { Flags } from '@oclif/core';
import { serverFlags } from './cluster-connection.ts';

/** Of every command about one dataset. */
export const datasetFlags = {
  dataset: Flags.string({
    char: 'd',
    required: true,
    helpValue: 'NAME',
    summary: 'The dataset: user.<username>.<name>.',
  }),
  ...serverFlags,
  json: Flags.boolean({ summary: 'Print JSON.' }),
};
