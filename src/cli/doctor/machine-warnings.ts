import { type Diagnostic, warningAt } from '../../shared/spec/diagnostic.ts';
import type { Specification } from '../../shared/spec/specification.ts';
import { localResources } from '../../shared/study/script/local-resources.ts';
import type { Study } from '../../shared/study/study.ts';
import { type RequestWarning, requestWarnings } from './request-warnings.ts';
import type { StepRequest } from './requests.ts';

/** What of this machine matters to the steps that run on it. */
export interface LocalMeans {
  readonly cores: number;
  readonly gpus: number;
  /** Whether a shell would find a program to start under this name. */
  readonly hasProgram: (name: string) => boolean;
}

/** What is wrong with a study's steps that run on this machine: all of a local study, else those not scheduled. */
export function machineWarnings(
  specification: Specification,
  study: Study,
  requests: readonly StepRequest[],
  means: LocalMeans,
): Diagnostic[] {
  const { batch } = study;
  const here = requests.filter(({ template }) => batch.type === 'local' || !template.isScheduled);
  if (here.length === 0) return [];
  return [
    ...shellWarnings(specification, study, means),
    ...launcherWarnings(specification, study, means),
    ...requestWarnings(specification, here, ({ text }) => excess(localResources(batch, text), means)),
  ];
}

/** The shell is the interpreter that the first line of each script names. */
function shellWarnings(
  specification: Specification,
  { batch }: Study,
  { hasProgram }: LocalMeans,
): Diagnostic[] {
  const [program = ''] = batch.shell.trim().split(/\s+/);
  if (program.startsWith('/') && hasProgram(program)) return [];
  const mend = 'name a program by its whole path, such as /bin/bash';
  const at = specification.locate(['batch', 'shell']);
  return [warningAt(at, `there is no program ${program}, which is to run the steps`, mend)];
}

function launcherWarnings(
  specification: Specification,
  { batch, steps }: Study,
  { hasProgram }: LocalMeans,
): Diagnostic[] {
  if (batch.type !== 'local' || batch.launcher === undefined) return [];
  const [program = ''] = batch.launcher.trim().split(/\s+/);
  const isUsed = steps.some(({ cmd, restart = '' }) => `${cmd}${restart}`.includes('$(LAUNCHER)'));
  if (!isUsed || program === '' || hasProgram(program)) return [];
  const mend = 'install it, or load it in cmd before it is used';
  return [warningAt(specification.locate(['batch', 'launcher']), `${program} is not in PATH`, mend)];
}

/** A step that asks for more than there is gets all there is, and its program may count on the rest. */
function excess(
  { cores, gpus }: { readonly cores: number; readonly gpus: number },
  means: LocalMeans,
): RequestWarning[] {
  const warnings: RequestWarning[] = [];
  if (cores > means.cores) {
    const message = `it asks for ${cores} cores, and this machine gives ${means.cores} to a study`;
    warnings.push({ key: 'procs', message, mend: 'it will run alone, on these' });
  }
  if (gpus > means.gpus) {
    const message = `it asks for ${gpus} ${gpus === 1 ? 'gpu' : 'gpus'}, and this machine gives ${means.gpus} to a study`;
    const mend = means.gpus === 0 ? 'it will run without' : 'it will run alone, on these';
    warnings.push({ key: 'gpus', message, mend });
  }
  return warnings;
}
