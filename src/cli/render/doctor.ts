import type { Study } from '../../shared/study/study.ts';
import { programVersion } from '../../shared/version.ts';
import type { SchedulerType } from '../doctor/ask-scheduler.ts';
import type { AskedScheduler, Examination } from '../doctor/examination.ts';
import type { MachineFacts } from '../doctor/machine.ts';
import type { ProbedProgram } from '../doctor/probe.ts';
import { BATCH_COMMANDS, type ProgramKind } from '../doctor/programs.ts';
import type { Partition, SchedulerAnswer, SlurmFacts } from '../doctor/scheduler-answer.ts';
import type { StudyFindings } from '../doctor/study-findings.ts';
import { spanText } from './duration.ts';
import { grouped, stepsText } from './overview.ts';
import type { Theme } from './theme.ts';
import { padTo, printable, widthOf, wrapTo } from './width.ts';

/** A line of a section: whether all is well with it, its name, its short answer, what else there is to say. */
interface Row {
  readonly mark: 'good' | 'warning' | 'plain';
  readonly label: string;
  readonly value: string;
  readonly note?: string;
  /** Stands below the row, in columns of its own. */
  readonly details?: readonly (readonly [name: string, text: string])[];
}

interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
  /** What was looked for and is not there. */
  readonly missing: readonly string[];
}

/** How the page is to look: without a width lines are as long as they are. */
interface PageOptions {
  readonly theme: Theme;
  readonly width: number | undefined;
}

/** What `doctor` says of this machine. */
export function* doctorLines(examination: Examination, options: PageOptions): Generator<string> {
  const { programs, schedulers, machine } = examination;
  const ofKind = (kind: ProgramKind) => programs.filter(({ program }) => program.kind === kind);
  const sections: readonly Section[] = [
    programSection('Schedulers', ofKind('scheduler'), (row) => schedulerRow(row, schedulers)),
    programSection('Launchers', ofKind('launcher'), (row) => withNote(row, LAUNCHER_NOTES)),
    programSection('Containers', ofKind('container')),
    {
      title: 'This machine',
      rows: machineRows(machine),
      missing: [],
    },
    programSection('Tools', ofKind('tool'), (row) => withNote(row, TOOL_NOTES)),
  ];
  const rows = sections.flatMap((section) => section.rows);
  const valueWidth = Math.max(...rows.map(({ value }) => widthOf(value)));
  const { host } = machine;
  const system = `node ${process.versions.node} · ${process.platform} ${process.arch}`;
  yield `${options.theme.strong(`maestro ${programVersion()}`)} · ${system} · ${printable(host)}`;
  for (const section of sections) {
    yield '';
    yield options.theme.strong(section.title);
    yield* sectionLines(section, valueWidth, options);
  }
}

/** What `doctor` says of a study in the end: how it would run here, and whether anything stands against it. */
export function verdictText(
  file: string,
  study: Study | undefined,
  findings: StudyFindings | undefined,
): string {
  if (study === undefined || findings === undefined) return `${file}: not valid`;
  const { steps, scheduled, warnings } = findings;
  const { type } = study.batch;
  const through =
    type === 'local' ? '' : `, ${grouped(scheduled)} of them through ${BATCH_COMMANDS[type].name}`;
  const found = warnings.length === 0 ? 'nothing stands against it here' : countText(warnings.length);
  return `${file}: ${stepsText(steps)}${through}; ${found}`;
}

function countText(warnings: number): string {
  return warnings === 1 ? '1 warning' : `${grouped(warnings)} warnings`;
}

const LAUNCHER_NOTES: Readonly<Record<string, string>> = {
  srun: '$(LAUNCHER) where the batch type is slurm',
  'flux run': '$(LAUNCHER) where the batch type is flux',
  jsrun: '$(LAUNCHER) where the batch type is lsf',
  mpiexec: '$(LAUNCHER) where the batch type is pbs',
};

const TOOL_NOTES: Readonly<Record<string, string>> = {
  python3: 'runs parameter generators in Python',
  git: 'fetches git dependencies',
};

function withNote(row: Row, notes: Readonly<Record<string, string>>): Row {
  const note = notes[row.label];
  return row.note !== undefined || note === undefined ? row : { ...row, note };
}

function programSection(
  title: string,
  programs: readonly ProbedProgram[],
  complete: (row: Row) => Row = (row) => row,
): Section {
  const isMissing = ({ presence }: ProbedProgram) => presence.kind === 'missing';
  return {
    title,
    rows: programs.filter((each) => !isMissing(each)).map((each) => complete(programRow(each))),
    missing: programs.filter(isMissing).map(({ program }) => program.name),
  };
}

function programRow({ program, presence }: ProbedProgram): Row {
  const label = program.name;
  if (presence.kind === 'present') return { mark: 'good', label, value: presence.version ?? '–' };
  const note = presence.kind === 'silent' ? presence.words : 'not found';
  return { mark: 'warning', label, value: '?', note };
}

function schedulerRow(row: Row, schedulers: readonly AskedScheduler[]): Row {
  const asked = schedulers.find(({ type }) => BATCH_COMMANDS[type].name === row.label);
  return asked === undefined ? row : { ...row, ...answerParts(asked.type, asked.answer) };
}

function answerParts(type: SchedulerType, answer: SchedulerAnswer): Partial<Row> {
  switch (answer.kind) {
    case 'missing':
      return { mark: 'warning', note: `${answer.commands.join(', ')} not in PATH` };
    case 'silent':
      return { mark: 'warning', note: `does not answer: ${answer.words}` };
    case 'slurm':
      return { note: slurmNote(answer.facts), details: answer.facts.partitions.map(partitionDetail) };
    case 'queues': {
      const { queues } = answer;
      const named = queues === undefined || queues.length === 0 ? '' : `; its queues: ${queues.join(', ')}`;
      return { note: `answers, for the batch type ${type}${named}` };
    }
  }
}

function slurmNote({ cluster, hasAccounting, associations, arrayLimit }: SlurmFacts): string {
  const accounts = [...new Set((associations ?? []).map(({ account }) => account))];
  const accounting = hasAccounting
    ? associations === undefined
      ? 'accounting does not answer'
      : `your banks: ${accounts.join(', ') || 'none'}`
    : 'no accounting';
  const arrays = arrayLimit > 1 ? `arrays of up to ${grouped(arrayLimit)}` : 'no arrays';
  return `cluster ${cluster} · ${accounting} · ${arrays}`;
}

function partitionDetail(partition: Partition): readonly [string, string] {
  const { name, nodes, cpusPerNode, gpusPerNode, maxNodes, maxSeconds, isDefault, isUp } = partition;
  const size = `${grouped(nodes)} ${nodes === 1 ? 'node' : 'nodes'} of ${cpusPerNode} cores`;
  const gpus = gpusPerNode === 0 ? '' : ` and ${gpusPerNode} gpus`;
  const most = maxNodes < nodes ? [`at most ${grouped(maxNodes)} a job`] : [];
  const time = maxSeconds === undefined ? 'no time limit' : `up to ${spanText(maxSeconds * 1000)}`;
  const state = [...(isDefault ? ['default'] : []), ...(isUp ? [] : ['down'])];
  return [name, [size + gpus, ...most, time, ...state].join(' · ')];
}

function machineRows(machine: MachineFacts): Row[] {
  const { host, cores, gpus, runner, runnerMend, directory, fileSystem, journal } = machine;
  return [
    { mark: 'good', label: 'cores', value: String(cores), note: `for the steps of a study on ${host}` },
    { mark: gpus > 0 ? 'good' : 'plain', label: 'gpus', value: String(gpus) },
    {
      mark: runner === 'native' ? 'good' : 'warning',
      label: 'step runner',
      value: runner,
      note: runner === 'native' ? 'starts steps' : `starts steps, a little slower; ${runnerMend}`,
    },
    {
      mark: 'good',
      label: 'journal',
      value: journal,
      note: `${directory} is on ${fileSystem}${journal === 'WAL' ? '' : ', which other hosts may share'}`,
    },
  ];
}

const LABEL_WIDTH = 12;

function* sectionLines(
  { rows, missing }: Section,
  valueWidth: number,
  { theme, width = Number.POSITIVE_INFINITY }: PageOptions,
): Generator<string> {
  const indent = 4 + LABEL_WIDTH + valueWidth + 4;
  for (const row of rows) {
    const head = `  ${marked(row.mark, theme)} ${padTo(row.label, LABEL_WIDTH)}  ${padTo(printable(row.value), valueWidth)}`;
    const [first = '', ...more] = wrapTo(printable(row.note ?? ''), width - indent);
    yield first === '' ? head.trimEnd() : `${head}  ${theme.faint(first)}`;
    for (const line of more) yield ' '.repeat(indent) + theme.faint(line);
    yield* detailLines(row.details ?? [], width);
  }
  if (missing.length === 0) return;
  const label = `  ${theme.faint(`– ${padTo('not found', LABEL_WIDTH)}`)}  `;
  const [first = '', ...more] = wrapTo(missing.join(', '), width - LABEL_WIDTH - 6);
  yield label + theme.faint(first);
  for (const line of more) yield ' '.repeat(LABEL_WIDTH + 6) + theme.faint(line);
}

/** In the columns of the row above, unless a name is longer than what stands there. */
function* detailLines(details: NonNullable<Row['details']>, width: number): Generator<string> {
  const nameWidth = Math.max(LABEL_WIDTH - 2, ...details.map(([name]) => widthOf(printable(name))));
  const indent = 6 + nameWidth + 2;
  for (const [name, text] of details) {
    const [first = '', ...more] = wrapTo(printable(text), width - indent);
    yield `      ${padTo(printable(name), nameWidth)}  ${first}`;
    for (const line of more) yield ' '.repeat(indent) + line;
  }
}

function marked(mark: Row['mark'], theme: Theme): string {
  if (mark === 'good') return theme.good('✓');
  return mark === 'warning' ? theme.warning('!') : theme.faint('–');
}
