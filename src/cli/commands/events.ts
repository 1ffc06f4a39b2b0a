import { Args, Command, Flags } from '@oclif/core';
import { eventsOf, type NamedEvent } from '../../shared/status/events.ts';
import { matchesAny } from '../../shared/status/step-filter.ts';
import { globalFlags } from '../global-flags.ts';
import { outputTakesColour, printLines } from '../output.ts';
import { prose } from '../prose.ts';
import { eventJson, eventLine } from '../render/event-lines.ts';
import { createTheme } from '../render/theme.ts';
import { stepFlags } from '../step-flags.ts';

export default class Events extends Command {
  static override summary = 'Show all that happened in a study, a line each.';

  static override description = prose`
Every change of a step's state since the study began, with its reason, and what concerned the study as a whole: limits
that were changed, requests, pauses. Oldest first. With --follow the command goes on as more happens, until nobody
conducts the study any more.

--json prints an object a line: id, at, step, from, to, why. step, from and to are null for what concerned the study as
a whole; at is ISO 8601 in UTC. Later versions may add keys, and remove none.`;

  static override examples = [
    { description: 'What happened last', command: '<%= config.bin %> events heat_20261122-045012 | tail' },
    { description: 'Look on', command: '<%= config.bin %> events -f heat_20261122-045012' },
    {
      description: 'All that befell one combination',
      command: `<%= config.bin %> events --step '*_SIZE.10' heat_20261122-045012`,
    },
    {
      description: 'Which reasons failures had, and how often',
      command: `<%= config.bin %> events --json heat_20261122-045012 | jq -r 'select(.to == "FAILED").why' | sort | uniq -c`,
    },
  ];

  static override args = {
    directory: Args.string({ required: true, description: 'A study directory.' }),
  };

  static override flags = {
    ...globalFlags,
    step: stepFlags.step,
    follow: Flags.boolean({ char: 'f', summary: 'Go on as more happens.' }),
    json: Flags.boolean({ summary: 'Print JSON, an object a line.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Events);
    const theme = createTheme(outputTakesColour());
    // Where only some steps are asked for, lines that concern the whole study are left out.
    const isNamed = flags.step === undefined ? () => true : matchesAny(flags.step);
    const accepts = ({ step }: NamedEvent) => (step === null ? flags.step === undefined : isNamed(step));
    for await (const events of eventsOf(args.directory, { after: 0, follows: flags.follow })) {
      const wanted = events.filter(accepts);
      await printLines(wanted.map((event) => (flags.json ? eventJson(event) : eventLine(event, theme))));
    }
    return 0;
  }
}
