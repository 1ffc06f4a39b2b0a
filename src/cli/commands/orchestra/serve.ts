import { constants } from 'node:os';
import { Command, Flags } from '@oclif/core';
import { globalFlags } from '../../global-flags.ts';
import { print, printAside } from '../../output.ts';
import { prose } from '../../prose.ts';
import { clearHeap, keepHeapSmall } from '../../small-heap.ts';

export default class Serve extends Command {
  static override summary = 'Serve a cluster: datasets and container tasks for several users.';

  static override description = prose`
Everything of the cluster lies in one data directory, which is made at the first start, with a configuration that can be
changed. Ctrl-C or SIGTERM ends the server; jobs that run go on, and the next start takes them over. SIGHUP makes it go
on in a new log file, and with a renewed certificate.`;

  static override examples = [
    { description: 'A cluster on this machine', command: '<%= config.bin %> orchestra serve --data cluster' },
  ];

  static override flags = {
    ...globalFlags,
    data: Flags.string({ required: true, helpValue: 'DIR', summary: 'The data directory of the cluster.' }),
    host: Flags.string({ default: '127.0.0.1', summary: 'The address to listen at.' }),
    port: Flags.integer({
      default: 5020,
      min: 0,
      max: 65_535,
      summary: 'The port to listen at; 0: a free one.',
    }),
    config: Flags.string({
      helpValue: 'FILE',
      summary: 'The configuration; default config.yaml in the data directory.',
    }),
    insecure: Flags.boolean({ summary: 'Listen beyond this machine without TLS.' }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(Serve);
    const { data, host, port, config, insecure } = flags;
    // Listened for from the first moment on: whoever sees the port open may send them at once.
    const told = toldToStop();
    let reload = (): void => undefined;
    process.on('SIGHUP', () => reload());
    keepHeapSmall();
    const { serve } = await import('../../../orchestra/server/main.ts');
    const server = await serve({ data, host, port, insecure, ...(config === undefined ? {} : { config }) });
    reload = () => server.reload();
    clearHeap();
    print(`serving ${data} at ${server.url}`);
    for (const notice of server.notices) printAside(notice);
    const signal = await told;
    printAside(`${signal}: stopping, once what is under way has ended; jobs run on`);
    await server.close();
    print('stopped');
    return 0;
  }
}

/**
 * The first signal to stop; a second one ends the process at once. The listeners stay, because what looks after
 * child processes takes a signal that nobody listens for any more for the end.
 */
function toldToStop(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isStopping = false;
    for (const name of ['SIGTERM', 'SIGINT'] as const) {
      process.on(name, () => {
        if (isStopping) process.exit(128 + constants.signals[name]);
        isStopping = true;
        resolve(name);
      });
    }
  });
}
