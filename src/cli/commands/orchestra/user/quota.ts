import { Args, Command, Flags } from '@oclif/core';
import { AT_CONSOLE, atConsole, changeUser } from '../../../../orchestra/server/main.ts';
import { UserError } from '../../../../shared/errors.ts';
import { consoleFlags } from '../../../console-flags.ts';
import { print } from '../../../output.ts';
import { prose } from '../../../prose.ts';

const BYTES_IN_MIB = 1024 * 1024;

export default class UserQuota extends Command {
  static override summary = 'Say how much of the cluster a user may take.';

  static override description = prose`
What a user has already stays, also beyond its quota: no more is taken until it is below again. What is not given stays as
it is.`;

  static override examples = [
    {
      description: '100 GiB, and 5,000 jobs at a time',
      command: '<%= config.bin %> orchestra user quota ada --storage 102400 --jobs 5000 --data cluster',
    },
    {
      description: 'As much as there is',
      command: '<%= config.bin %> orchestra user quota ada --storage none --jobs none --data cluster',
    },
  ];

  static override args = { name: Args.string({ required: true, description: 'The user.' }) };

  static override flags = {
    ...consoleFlags,
    storage: Flags.string({ helpValue: 'MIB', summary: 'MiB of its files, or none for no bound.' }),
    jobs: Flags.string({ helpValue: 'N', summary: 'Jobs waiting or running, or none for no bound.' }),
    priority: Flags.string({ helpValue: 'N', summary: 'Its maximum priority: whose is higher runs first.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(UserQuota);
    const storage = quotaOf('--storage', flags.storage);
    const jobs = quotaOf('--jobs', flags.jobs);
    const priority = flags.priority === undefined ? undefined : numberOf('--priority', flags.priority);
    const change = {
      ...(storage === undefined ? {} : { storageQuota: storage === null ? null : storage * BYTES_IN_MIB }),
      ...(jobs === undefined ? {} : { jobQuota: jobs }),
      ...(priority === undefined ? {} : { maxPriority: priority }),
    };
    if (Object.keys(change).length === 0) {
      throw new UserError('no quota is given', 'give --storage, --jobs or --priority');
    }
    await atConsole(flags, (cluster) => changeUser(cluster, AT_CONSOLE, args.name, change));
    print(`the quota of ${args.name} is changed`);
    return 0;
  }
}

/** Undefined where it stays, null for no bound. */
function quotaOf(option: string, text: string | undefined): number | null | undefined {
  return text === undefined ? undefined : text === 'none' ? null : numberOf(option, text);
}

/** The longest of these has a sum of bytes that is still exact. */
function numberOf(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UserError(`${option}: '${text}' is no whole number from 0 to 999999999`);
}
