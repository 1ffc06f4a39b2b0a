import { statSync } from 'node:fs';
import { Args, Command, Flags } from '@oclif/core';
import { UserError } from '../../shared/errors.ts';
import { flatDiagnostic, reportDiagnostics, shortPath } from '../diagnostics.ts';
import { examine, LOCAL_BATCH } from '../doctor/examination.ts';
import { type ReadStudy, readStudy } from '../doctor/read-study.ts';
import { findingsFor, type StudyFindings } from '../doctor/study-findings.ts';
import { globalFlags } from '../global-flags.ts';
import { outputTakesColour, print, printLines, terminalWidth } from '../output.ts';
import { prose } from '../prose.ts';
import { doctorLines, verdictText } from '../render/doctor.ts';
import { examinationJson } from '../render/doctor-json.ts';
import { createTheme } from '../render/theme.ts';
import { EXIT_ERROR, reportError } from '../report.ts';
import { examineStudyDirectory, rebuildStudy } from '../study-doctor.ts';
import { studyRequest } from '../study-request.ts';

export default class Doctor extends Command {
  static override summary =
    'Tell what this machine has for studies, what a study misses here, and whether a study directory is sound.';

  static override description = prose`
Looks for schedulers, launchers and container runtimes and asks each for its version; tells which step runner starts the
steps, how many cores and gpus a study gets, and how its store is kept safe in the current directory. Slurm is asked for
its partitions, your banks and its limits. Nothing is written, and every question has a time limit.

With a specification it also checks that study as '<%= config.bin %> validate' does, and then what it asks of this machine
and of its scheduler: commands that are missing, a queue, bank or qos that is not there, nodes, processes, gpus and times
beyond the partition's limits. What is wrong is told on the standard error, a line each: file:line:column: what is wrong;
the mend. The exit code is then 1; without a specification it is 0.

With a study directory it tells instead whether the study's store is intact and agrees with the copy that is kept beside
it, who conducts the study, what still runs, and what earlier faults have left. Where the store is damaged it says what can
be restored, and the exit code is 1. --rebuild restores it: from the copy, from what can still be read of the old store, and
from what runners, job scripts and claims have recorded. The old store is kept as study.db.damaged-N; steps of which nobody
knows whether they began are held for begun, and '<%= config.bin %> resume' finds out.

--json prints one object with version, machine, programs (each with kind, name, state present, missing or silent, version),
schedulers, isWell, and for a specification file, isValid, steps, scheduled and diagnostics.`;

  static override examples = [
    { description: 'What does this machine have?', command: '<%= config.bin %> doctor' },
    { description: 'Would this study run here?', command: '<%= config.bin %> doctor study.yaml' },
    {
      description: 'Is this study directory sound, after the disk was full?',
      command: '<%= config.bin %> doctor heat_20261122-045012',
    },
    {
      description: 'Restore its store, and go on',
      command:
        '<%= config.bin %> doctor --rebuild heat_20261122-045012 && <%= config.bin %> resume heat_20261122-045012',
    },
    {
      description: 'The partitions of this Slurm',
      command: `<%= config.bin %> doctor --json | jq '.schedulers[].partitions'`,
    },
  ];

  static override args = {
    specification: Args.string({
      description: 'A study’s specification, a YAML file; or a study directory.',
    }),
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
    rebuild: Flags.boolean({
      exclusive: ['pgen', 'pargs'],
      summary: 'Restore the store of a study directory, where it is damaged.',
    }),
    json: Flags.boolean({ summary: 'Print JSON.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Doctor);
    const file = args.specification;
    if (file !== undefined && isDirectory(file)) {
      return flags.rebuild ? rebuildStudy(file, flags.json) : examineStudyDirectory(file, flags.json);
    }
    if (flags.rebuild) throw new UserError('--rebuild needs a study directory', 'name one');
    const study = file === undefined ? undefined : await readStudy(studyRequest(file, flags));
    const examination = await examine(study?.checked?.study.batch ?? LOCAL_BATCH, process.cwd());
    const findings = study?.checked && findingsFor(study.checked, examination);
    const isWell = study === undefined || findings?.warnings.length === 0;
    if (flags.json) {
      const specification = study && { file, ...studyJson(study, findings) };
      const told = { ...examinationJson(examination), isWell, ...(specification && { specification }) };
      print(JSON.stringify(told, null, 2));
      if (study?.error) reportError(study.error);
    } else {
      const theme = createTheme(outputTakesColour());
      await printLines(doctorLines(examination, { theme, width: terminalWidth() }));
      if (study !== undefined) tellStudy(shortPath(file!, process.cwd()), study, findings);
    }
    return isWell ? 0 : EXIT_ERROR;
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function tellStudy(file: string, study: ReadStudy, findings: StudyFindings | undefined): void {
  print('');
  reportDiagnostics([...study.diagnostics, ...(findings?.warnings ?? [])]);
  if (study.error) reportError(study.error);
  print(verdictText(file, study.checked?.study, findings));
}

function studyJson(study: ReadStudy, findings: StudyFindings | undefined): Record<string, unknown> {
  return {
    isValid: study.checked !== undefined,
    steps: findings?.steps ?? null,
    scheduled: findings?.scheduled ?? null,
    diagnostics: [...study.diagnostics, ...(findings?.warnings ?? [])].map(flatDiagnostic),
  };
}
