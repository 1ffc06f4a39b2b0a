import { Command, Flags } from '@oclif/core';
import { authenticate, revoke } from '../../orchestra/client/authentication.ts';
import { isReadableOnTheWay, serverFrom } from '../../orchestra/client/connection.ts';
import { lastServer } from '../../orchestra/client/credentials.ts';
import { UserError } from '../../shared/errors.ts';
import { createQuestions } from '../ask.ts';
import { connect, serverFlags } from '../cluster-connection.ts';
import { print } from '../output.ts';
import { prose } from '../prose.ts';
import { warnAside } from '../report.ts';

export default class Authenticate extends Command {
  static override summary = 'Log in to a cluster, for the commands castor and task.';

  static override description = prose`
The server gives a token for the password. It is kept in ~/.maestro_credentials, readable by you alone, until it expires,
or you revoke it, change your password, or authenticate anew; ~/.maestro_server remembers whose it is. The password is kept
nowhere.

Without --password it is asked for, or read as the first line of the standard input where that is no terminal.`;

  static override examples = [
    {
      description: 'Log in, being asked for the password',
      command: '<%= config.bin %> authenticate --user ada --server https://cluster.example.org',
    },
    { description: 'In a script', command: '<%= config.bin %> authenticate --user ada < password.txt' },
    { description: 'Log out, on all machines', command: '<%= config.bin %> authenticate --revoke --all' },
  ];

  static override flags = {
    user: Flags.string({ char: 'u', aliases: ['username'], helpValue: 'NAME', summary: 'Who you are.' }),
    password: Flags.string({
      char: 'p',
      helpValue: 'PASSWORD',
      summary: 'Your password. Others on this machine can see it while the command runs.',
    }),
    ...serverFlags,
    revoke: Flags.boolean({
      exclusive: ['user', 'password'],
      summary: 'Make the token worthless, and forget it.',
    }),
    all: Flags.boolean({
      dependsOn: ['revoke'],
      summary: 'With --revoke: all your tokens, and your sessions in browsers.',
    }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(Authenticate);
    if (flags.revoke) {
      const connection = connect(flags);
      await revoke(process.env, connection, { all: flags.all });
      print(`${connection.user} is logged out of ${connection.server}${flags.all ? ', everywhere' : ''}`);
      return 0;
    }
    const server = serverFrom(process.env, flags, lastServer(process.env));
    if (isReadableOnTheWay(server)) {
      warnAside(`${server} is not encrypted: your password can be read on its way there`);
    }
    const { user, password } = await askWhoIsThere(flags);
    const until = await authenticate(process.env, { server, user, password });
    print(`${user} is logged in to ${server} until ${until.toISOString().slice(0, 10)}`);
    return 0;
  }
}

interface Given {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

async function askWhoIsThere({ user, password }: Given): Promise<{ user: string; password: string }> {
  if (password !== undefined) {
    warnAside('--password shows in the list of processes; leave it out, and you are asked for it');
  }
  if (user !== undefined && password !== undefined) return { user, password };
  if (user === undefined && !process.stdin.isTTY) throw new UserError('the user is missing', 'give --user');
  const questions = createQuestions('give the password as a line of the standard input');
  try {
    return {
      user: user ?? (await questions.line('User:')),
      password: password ?? (await questions.secret('Password:')),
    };
  } finally {
    questions.close();
  }
}
