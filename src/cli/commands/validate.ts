import { Args, Command, Flags } from '@oclif/core';
import { checkStudy } from '../../shared/prepare/prepare.ts';
import { flatDiagnostic, reportDiagnostics, shortPath } from '../diagnostics.ts';
import { forEachStudy } from '../each-study.ts';
import { globalFlags } from '../global-flags.ts';
import { print } from '../output.ts';
import { prose } from '../prose.ts';
import { stepsText } from '../render/overview.ts';
import { EXIT_ERROR } from '../report.ts';
import { studyRequest } from '../study-request.ts';

export default class Validate extends Command {
  static override summary = 'Check specifications, and write nothing.';

  static override description = prose`
Checks all that '<%= config.bin %> run' would check: the specification against its schema, its tokens and dependencies,
the parameter generator, the expansion, the launchers. All problems are told, one a line, as file:line:column: what is
wrong; the mend. The exit code is 0 if there are no errors (warnings are allowed), else 1.

--json prints {"specifications": [...]}: for each file, isValid, steps (how many, null if not valid) and diagnostics, each
with severity (error or warning), file, line, column, message, mend.`;

  static override examples = [
    { description: 'Check a specification', command: '<%= config.bin %> validate study.yaml' },
    {
      description: 'Check it with its parameter generator',
      command: '<%= config.bin %> validate --pgen pgen.py --pargs COUNT:20 study.yaml',
    },
  ];

  static override strict = false;

  static override args = {
    specification: Args.string({ required: true, description: 'Specifications, YAML files.' }),
  };

  static override flags = {
    ...globalFlags,
    pgen: Flags.string({
      char: 'p',
      helpValue: 'FILE',
      summary: 'A parameter generator in place of global.parameters.',
    }),
    pargs: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      dependsOn: ['pgen'],
      helpValue: 'KEY:VALUE',
      summary: 'An argument for the generator; may be given several times.',
    }),
    json: Flags.boolean({ summary: 'Print JSON.' }),
  };

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(Validate);
    const specifications: unknown[] = [];
    const exitCode = await forEachStudy(argv as string[], async (file) => {
      const { diagnostics, checked } = await checkStudy(studyRequest(file, flags));
      const steps = checked?.expansion.count ?? null;
      if (flags.json)
        specifications.push({
          file,
          isValid: steps !== null,
          steps,
          diagnostics: diagnostics.map(flatDiagnostic),
        });
      else {
        reportDiagnostics(diagnostics);
        if (steps !== null) print(`${shortPath(file, process.cwd())}: ${stepsText(steps)}, no errors`);
      }
      return steps === null ? EXIT_ERROR : 0;
    });
    if (flags.json) print(JSON.stringify({ specifications }, null, 2));
    return exitCode;
  }
}
