import { Flags } from '@oclif/core';
import type { NewTask } from '../../orchestra/api/tasks.ts';
import { readSecondaryDatasets } from '../../orchestra/secondary-datasets.ts';
import { UserError } from '../../shared/errors.ts';

const number = Flags.custom<number>({
  parse: async (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value))
      throw new UserError(`${JSON.stringify(text)} is no number`);
    return value;
  },
});

/** What `maestro task create` is told of a task. */
export const newTaskFlags = {
  task: Flags.string({
    char: 't',
    required: true,
    helpValue: 'NAME',
    summary: 'The name of the task: user.<username>.<name>.',
  }),
  configFile: Flags.string({
    char: 'c',
    required: true,
    helpValue: 'DATASET',
    summary: 'The dataset of the configuration files: one job runs for each.',
  }),
  dataFile: Flags.string({
    char: 'd',
    required: true,
    helpValue: 'DATASET',
    summary: 'The dataset of the data file.',
  }),
  exec: Flags.string({
    required: true,
    helpValue: 'COMMAND',
    summary: 'What each job runs, with %DATA, %IN and %OUT where the files and the output directory belong.',
  }),
  containerImage: Flags.string({
    required: true,
    helpValue: 'IMAGE',
    summary: 'The container image that jobs run in.',
  }),
  secondaryDS: Flags.string({
    aliases: ['sd'],
    default: '',
    helpValue: 'TEXT',
    summary: `Further datasets, by the words that stand for them in the command: "{'REF': 'user.ada.reference'}".`,
  }),
  queue: Flags.string({ helpValue: 'QUEUE', summary: 'The queue that runs the jobs; default cpu_small.' }),
  gpu: Flags.boolean({ exclusive: ['queue'], summary: 'The same as --queue nvidia.' }),
  et: number({ default: 0, helpValue: 'N', summary: 'A number that is kept with the task.' }),
  eta: number({ default: 0, helpValue: 'N', summary: 'A number that is kept with the task.' }),
  dry_run: Flags.boolean({
    default: false,
    summary: 'Check everything, show the jobs that would run, make nothing.',
  }),
  is_dummy_data: Flags.boolean({ default: false, summary: 'The command needs no %DATA.' }),
  is_dummy_config: Flags.boolean({ default: false, summary: 'The command needs no %IN.' }),
  canaries: Flags.integer({
    default: 1,
    min: 1,
    max: 1_000,
    helpValue: 'N',
    summary: 'How many jobs are tested before all others are started.',
  }),
  bypass: Flags.boolean({ exclusive: ['canaries'], summary: 'Test no job: start all at once.' }),
};

interface Values {
  readonly task: string;
  readonly configFile: string;
  readonly dataFile: string;
  readonly exec: string;
  readonly containerImage: string;
  readonly secondaryDS: string;
  readonly queue?: string | undefined;
  readonly gpu: boolean;
  readonly et: number;
  readonly eta: number;
  readonly dry_run: boolean;
  readonly is_dummy_data: boolean;
  readonly is_dummy_config: boolean;
  readonly canaries: number;
  readonly bypass: boolean;
}

/** The task that the flags describe. Throws a UserError for secondary datasets that cannot be read. */
export function newTaskFrom(flags: Values): NewTask {
  const secondary = readSecondaryDatasets(flags.secondaryDS);
  if (!secondary.ok) throw new UserError(secondary.problem);
  return {
    name: flags.task,
    dataFile: flags.dataFile,
    configFile: flags.configFile,
    secondary: secondary.datasets,
    exec: flags.exec,
    image: flags.containerImage,
    queue: flags.queue ?? (flags.gpu ? 'nvidia' : 'cpu_small'),
    et: flags.et,
    eta: flags.eta,
    isDummyData: flags.is_dummy_data,
    isDummyConfig: flags.is_dummy_config,
    canaries: flags.bypass ? 0 : flags.canaries,
    dryRun: flags.dry_run,
  };
}
