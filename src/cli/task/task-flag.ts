import { Flags } from '@oclif/core';

/** Which task is meant. */
export const taskFlag = Flags.string({
  char: 't',
  required: true,
  helpValue: 'NAME',
  summary: 'The name of the task.',
});
