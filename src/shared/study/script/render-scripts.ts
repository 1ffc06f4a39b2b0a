import type { Batch } from '../../spec/specification.ts';
import type { Script, StepScripts } from '../study.ts';
import type { Job, ScriptDialect } from './dialect.ts';
import { DIALECTS } from './dialects.ts';
import { type LauncherTerms, substituteLaunchers, usesLauncher } from './launcher.ts';
import { optionLines } from './options.ts';
import type { Report, ScriptProblem } from './script-problem.ts';
import { stepBatch } from './step-batch.ts';
import type { StepText } from './step-text.ts';
import { typeBatch, typeResources } from './typed-resources.ts';

/**
 * The scripts of one step, and whatever is wrong with them. With an error among the problems the scripts are
 * what they would be without the offending part, and not fit to run.
 */
export function renderScripts(
  batch: Batch,
  step: StepText,
): { readonly scripts: StepScripts; readonly problems: readonly ScriptProblem[] } {
  const problems: ScriptProblem[] = [];
  const report: Report = (problem) => problems.push(problem);
  const job: Job = {
    batch: stepBatch(batch, step.resources),
    step,
    own: typeResources(batch, step.resources, report),
    shared: typeBatch(batch, report),
  };
  const dialect = DIALECTS[batch.type];
  const top = [`#!${batch.shell}`];
  if (step.isScheduled || dialect.headsUnscheduled) top.push(...dialect.header(job));
  if (step.isScheduled && dialect.options) top.push(...optionLines(job, dialect.options, report));
  const head = top.join('\n');
  const render = (key: 'cmd' | 'restart', command: string, fileName: string): Script => ({
    fileName,
    text: `${head}\n\n${withLaunchers(dialect, job, key, command, report)}\n`,
  });
  const main = render('cmd', step.cmd, `${step.baseName}.${dialect.extension}`);
  if (!step.restart) return { scripts: { main }, problems };
  const restart = render('restart', step.restart, `${step.baseName}.restart.${dialect.extension}`);
  return { scripts: { main, restart }, problems };
}

function withLaunchers(
  dialect: ScriptDialect,
  job: Job,
  key: 'cmd' | 'restart',
  command: string,
  report: Report,
): string {
  if (!usesLauncher(command)) return command;
  if (job.batch.type !== 'local' && !job.step.isScheduled) {
    reportUnscheduled(key, report);
    return command;
  }
  const { own, shared } = job;
  const procs = own.procs ?? shared.procs;
  const terms: LauncherTerms = {
    key,
    all: { nodes: own.nodes, procs: procs ?? own.nodes ?? 1 },
    // How many processes fit on nodes that were asked for without procs, only the scheduler knows.
    most: { nodes: dialect.nodes(job), procs },
    write: (share) => dialect.launcher(job, share),
  };
  return substituteLaunchers(command, terms, report);
}

/** Beside the conductor there is nothing to launch on: the token is left to the shell, as it always was. */
function reportUnscheduled(key: 'cmd' | 'restart', report: Report): void {
  report({
    severity: 'warning',
    message: `${key} uses $(LAUNCHER), but the step runs beside the conductor: it asks for no nodes or procs`,
    mend: 'give the step nodes or procs, or leave $(LAUNCHER) out',
    block: 'step',
    path: ['run', key],
  });
}
