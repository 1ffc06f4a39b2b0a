import { Args, Command, Flags } from '@oclif/core';
import { launchConductor } from '../../shared/launch-conductor.ts';
import { createStudyDirectory } from '../../shared/prepare/directory.ts';
import { checkStudy } from '../../shared/prepare/prepare.ts';
import { quoteForShell } from '../../shared/quote-for-shell.ts';
import { registerStudy, registryDirectory } from '../../shared/status/registry.ts';
import { createQuestions } from '../ask.ts';
import { hasConsent } from '../consent.ts';
import { reportDiagnostics, shortPath } from '../diagnostics.ts';
import { runInForeground } from '../foreground.ts';
import { globalFlags, logOptions } from '../global-flags.ts';
import { interruptible } from '../interruption.ts';
import { print, printAside } from '../output.ts';
import { prose } from '../prose.ts';
import { stepsText } from '../render/overview.ts';
import { EXIT_ERROR } from '../report.ts';
import { warnOfScheduler } from '../scheduler-warnings.ts';
import { studyRequest } from '../study-request.ts';

export default class Run extends Command {
  static override summary = 'Expand a study and run it.';

  static override description = prose`
Checks the specification and everything that it names, expands the study over its parameters, and makes a study
directory with a workspace for each step. Then it starts a conductor, which runs the steps in the background, in
parallel, and does not need this terminal. Nothing is written before everything that can be checked has been checked.

Before the conductor is started, and before a study directory named by --out is overwritten, the user is asked; --autoyes
and --autono answer beforehand. Any answer but y or yes leaves with exit code 0.

With --fg the steps run in the foreground; the exit code is then 0 if all finished, 2 if some failed, 3 if the study was
cancelled. Ctrl-C takes no new steps and leaves those that run running; '<%= config.bin %> resume' goes on from there.`;

  static override examples = [
    { description: 'Run a study in the background', command: '<%= config.bin %> run study.yaml' },
    {
      description: 'Run it here, without being asked, and look on',
      command: '<%= config.bin %> run -y --fg study.yaml',
    },
    {
      description: 'Write all scripts, run nothing',
      command: '<%= config.bin %> run --dry -y -o dry study.yaml',
    },
    {
      description: 'Take the parameters from a generator',
      command: '<%= config.bin %> run --pgen pgen.py --pargs "COUNT:20" study.yaml',
    },
    {
      description: 'At most four steps at once, three tries each',
      command: '<%= config.bin %> run -t 4 -a 3 study.yaml',
    },
  ];

  static override args = {
    specification: Args.string({ required: true, description: 'The study’s specification, a YAML file.' }),
  };

  static override flags = {
    ...globalFlags,
    attempts: Flags.integer({
      char: 'a',
      helpValue: 'N',
      default: 1,
      min: 1,
      summary: 'Tries at a step that fails (at submitting it, if it is scheduled).',
    }),
    rlimit: Flags.integer({
      char: 'r',
      helpValue: 'N',
      default: 1,
      min: 0,
      summary: 'Restarts of a step that timed out and has a restart script; 0: no limit.',
    }),
    throttle: Flags.integer({
      char: 't',
      helpValue: 'N',
      default: 0,
      min: 0,
      summary: 'Steps in flight at once; 0: no limit.',
    }),
    sleeptime: Flags.integer({
      char: 's',
      helpValue: 'N',
      default: 60,
      min: 0,
      summary: 'Seconds between polls of a scheduler.',
    }),
    dry: Flags.boolean({ summary: 'Write directories and scripts, and run nothing.' }),
    pgen: Flags.string({
      char: 'p',
      helpValue: 'FILE',
      summary: 'A parameter generator (.py, .js, .mjs or .ts) in place of global.parameters.',
    }),
    pargs: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      dependsOn: ['pgen'],
      helpValue: 'KEY:VALUE',
      summary: 'An argument for the generator; may be given several times.',
    }),
    out: Flags.string({
      char: 'o',
      helpValue: 'DIR',
      summary: 'The study directory; default is one made of the study’s name and the time.',
    }),
    fg: Flags.boolean({ summary: 'Run in the foreground until the study has ended; -fg is the same.' }),
    hashws: Flags.boolean({
      summary: 'Name workspaces by a hash of their combination, for very long labels.',
    }),
    autono: Flags.boolean({ char: 'n', exclusive: ['autoyes'], summary: 'Answer no to every question.' }),
    autoyes: Flags.boolean({ char: 'y', summary: 'Answer yes to every question.' }),
    usetmp: Flags.boolean({ summary: 'Write scripts below a temporary directory.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Run);
    const { diagnostics, checked } = await checkStudy(studyRequest(args.specification, flags));
    reportDiagnostics(diagnostics);
    if (checked === undefined) return EXIT_ERROR;
    if (!flags.dry) await warnOfScheduler(checked);
    const questions = createQuestions('answer beforehand with --autoyes (-y) or --autono (-n)');
    const answer = flags.autoyes ? 'yes' : flags.autono ? 'no' : 'ask';
    if (!(await hasConsent(checked, answer, questions).finally(questions.close))) return 0;
    const { study, expansion } = checked;
    const directory = await interruptible((signal) =>
      createStudyDirectory({ ...checked, request: { ...checked.request, signal } }),
    );
    registerStudy(registryDirectory(process.env), { directory, name: study.name, createdAt: Date.now() });
    if (flags.dry) {
      print(`${stepsText(expansion.count)} written, none run`, directory);
      if (study.scriptDirectory !== undefined) print(`scripts are in ${study.scriptDirectory}`);
      return 0;
    }
    const log = logOptions(flags, study.name);
    if (flags.fg) return runInForeground(directory, log);
    const { pid } = await launchConductor(directory, log);
    print(`${study.name}, ${stepsText(expansion.count)}, is conducted by process ${pid}`, directory);
    printAside(`how it goes: maestro status ${quoteForShell(shortPath(directory, process.cwd()))}`);
    return 0;
  }
}
