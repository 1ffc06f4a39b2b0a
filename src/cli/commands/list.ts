import { Command, Flags } from '@oclif/core';
import { registeredStudies, registryDirectory } from '../../shared/status/registry.ts';
import { globalFlags } from '../global-flags.ts';
import { takeListed } from '../listed-study.ts';
import { outputTakesColour, printLines } from '../output.ts';
import { prose } from '../prose.ts';
import { listJson, listLines } from '../render/list-page.ts';
import { createTheme } from '../render/theme.ts';

export default class List extends Command {
  static override summary = 'List your studies on this machine, newest first.';

  static override description = prose`
Studies are noted in $XDG_STATE_HOME/maestro (~/.local/state/maestro) as they are started; those whose directories are
gone are forgotten. --json prints {"studies": [...]}, each as in status --json but without steps; a study that cannot be
read has name, directory, state "unreadable" and a problem.`;

  static override examples = [
    { description: 'All studies', command: '<%= config.bin %> list' },
    {
      description: 'Go on with all that have stopped',
      command: `<%= config.bin %> list --json | jq -r '.studies[] | select(.state == "stopped").directory' | xargs <%= config.bin %> resume`,
    },
  ];

  static override flags = {
    ...globalFlags,
    json: Flags.boolean({ summary: 'Print JSON.' }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(List);
    const studies = registeredStudies(registryDirectory(process.env)).map(takeListed);
    const theme = createTheme(outputTakesColour());
    await printLines(flags.json ? listJson(studies) : listLines(studies, theme));
    return 0;
  }
}
