import { Args, Command, Flags } from '@oclif/core';
import { explain } from '../explain/explain.ts';
import { gatherFacts } from '../explain/gather-facts.ts';
import { globalFlags } from '../global-flags.ts';
import { outputTakesColour, print, printLines, terminalWidth } from '../output.ts';
import { prose } from '../prose.ts';
import { explanationJson, explanationLines } from '../render/explanation.ts';
import { createTheme } from '../render/theme.ts';

export default class Explain extends Command {
  static override summary = 'Say why a step is in its state, and what can be done.';

  static override description = prose`
For a step that waits: for which steps, or for what else. For one that runs: since when and where. For one that did not
finish: how each attempt ended, in words, what it used, the last lines that it wrote, whose fault it is where another
step stands in its way, and the command to run it again.

--json prints the sentences and the facts that they are made of. Later versions may add keys, and remove none; the
wording of sentences may change.`;

  static override examples = [
    {
      description: 'Why did it fail?',
      command: '<%= config.bin %> explain heat_20261122-045012 run_SIZE.10',
    },
  ];

  static override args = {
    directory: Args.string({ required: true, description: 'A study directory.' }),
    step: Args.string({ required: true, description: 'The name of a step.' }),
  };

  static override flags = {
    ...globalFlags,
    json: Flags.boolean({ summary: 'Print JSON.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Explain);
    const facts = gatherFacts(args.directory, args.step);
    const explanation = explain(facts);
    if (flags.json) print(explanationJson(facts, explanation));
    else {
      const theme = createTheme(outputTakesColour());
      await printLines(explanationLines(facts, explanation, theme, terminalWidth()));
    }
    return 0;
  }
}
