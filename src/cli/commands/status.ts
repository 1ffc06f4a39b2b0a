import { Args, Command, Flags } from '@oclif/core';
import { takeOverview, takeSnapshot } from '../../shared/status/snapshot.ts';
import { createStepFilter } from '../../shared/status/step-filter.ts';
import { ofEach } from '../each-study.ts';
import { globalFlags } from '../global-flags.ts';
import { outputTakesColour, printLines, terminalWidth } from '../output.ts';
import { page } from '../pager.ts';
import { prose } from '../prose.ts';
import { statusJson } from '../render/json.ts';
import { type PageOptions, statusLines, summaryLines } from '../render/status-page.ts';
import { createTheme } from '../render/theme.ts';
import { filterTexts, stepFlags } from '../step-flags.ts';
import { watchStudies } from '../watch.ts';

/** Shows how studies stand: a summary, who conducts them, and their steps. */
export default class Status extends Command {
  static override summary = 'Show how studies stand, and their steps.';

  static override description = prose`
Each study begins with a summary: how far it is, how many steps are in each state, who conducts it or how to go on
where nobody does. Then come its steps, in one of three layouts:

- flat: a row a step with everything but the parameters, fitted to the terminal;
- legacy: the same rows, never shortened or wrapped;
- narrow: a block a step, with its parameters.

--state, --step and --param choose steps; one given several times means any of its values (--param: all of them).
On a terminal the output is shown in $MANPAGER, $PAGER or less -R.

--json prints {"studies": [...]}: for each study name, directory, state, paused, total, done, percent, counts (steps by
state), createdAt, endedAt, elapsedMs, remainingMs, limits, conductor (state free, stale or live, host, pid, user,
since, heartbeatAgeMs; null if there never was one) and steps, each with name, state, workspace, job, attempts,
restarts, submittedAt, startedAt, endedAt, runMs, elapsedMs, params. Times are ISO 8601 in UTC, spans are
milliseconds, null is what is not known. Later versions may add keys, and remove none.`;

  static override examples = [
    { description: 'How one study stands', command: '<%= config.bin %> status heat_20261122-045012' },
    {
      description: 'What went wrong',
      command: '<%= config.bin %> status --state failed heat_20261122-045012',
    },
    {
      description: 'Where a combination ran',
      command: '<%= config.bin %> status --param SIZE=10 --layout narrow heat_*',
    },
    { description: 'Many studies, a line each', command: '<%= config.bin %> status --summary */' },
    { description: 'Look on', command: '<%= config.bin %> status --watch heat_20261122-045012' },
    {
      description: 'The workspaces of failed steps, for a script',
      command: `<%= config.bin %> status --json --state failed heat_* | jq -r '.studies[].steps[].workspace'`,
    },
  ];

  static override strict = false;

  static override args = {
    directory: Args.string({ name: 'DIRECTORY', required: true, description: 'Study directories.' }),
  };

  static override flags = {
    ...globalFlags,
    layout: Flags.option({ options: ['flat', 'legacy', 'narrow'] as const, default: 'flat' as const })({
      summary: 'How steps are laid out.',
    }),
    ...stepFlags,
    summary: Flags.boolean({ exclusive: ['watch'], summary: 'One line a study, without steps.' }),
    json: Flags.boolean({ exclusive: ['watch'], summary: 'Print JSON.' }),
    watch: Flags.boolean({ summary: 'Draw again whenever something changes; q leaves.' }),
    'disable-theme': Flags.boolean({ summary: 'No colours.' }),
    'disable-pager': Flags.boolean({ summary: 'No pager.' }),
  };

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(Status);
    const directories = argv as string[];
    const filter = createStepFilter(filterTexts(flags));
    const theme = createTheme(outputTakesColour() && !flags['disable-theme']);
    const look: PageOptions = { layout: flags.layout, width: terminalWidth(), theme };
    if (flags.watch) return watchStudies(directories, filter, look);
    if (flags.summary) {
      const { found, exitCode } = ofEach(directories, takeOverview);
      if (flags.json) await printLines(statusJson(found.map((overview) => ({ overview }))));
      else await printLines(summaryLines(found, theme));
      return exitCode;
    }
    const wantsParams = flags.json || flags.layout === 'narrow';
    const { found, exitCode } = ofEach(directories, (directory) =>
      takeSnapshot(directory, filter, wantsParams),
    );
    if (flags.json) await printLines(statusJson(found));
    else if (process.stdout.isTTY && !flags['disable-pager']) await page(() => statusLines(found, look));
    else await printLines(statusLines(found, look));
    return exitCode;
  }
}
