import type { Job, SchedulerOption, ScriptDialect, Share } from './dialect.ts';
import { directiveWord, shellWord } from './words.ts';

const LSF_TIME = /^\d+(?::\d+)?$/;

/** LSF: `#BSUB` lines, `jsrun`. */
export const lsf: ScriptDialect = {
  extension: 'lsf.sh',
  headsUnscheduled: false,
  header,
  launcher,
  nodes,
  options: { line: optionLine, clash },
};

function nodes({ own, shared }: Job): number {
  return own.nodes ?? shared.nodes ?? 1;
}

function header(job: Job): string[] {
  const { batch, step } = job;
  // LSF would read brackets in a job's name as a job array, so the name is the sanitised one.
  const lines = [`#BSUB -nnodes ${nodes(job)}`];
  if (batch.queue) lines.push(`#BSUB -q ${directiveWord(batch.queue)}`);
  if (batch.bank) lines.push(`#BSUB -G ${directiveWord(batch.bank)}`);
  lines.push(`#BSUB -W ${time(job)}`);
  lines.push(`#BSUB -J ${directiveWord(step.baseName)}`);
  lines.push(`#BSUB -o ${directiveWord(`${step.baseName}.%J.out`)}`);
  const reservation = step.resources.reservation || batch.reservation;
  if (reservation) lines.push(`#BSUB -U ${directiveWord(reservation)}`);
  lines.push(`#BSUB -e ${directiveWord(`${step.baseName}.%J.err`)}`);
  return lines;
}

/**
 * Times that LSF reads (minutes, `H:M`) stay as the user wrote them; others become `HH:MM`, seconds rounded
 * up. The line stands even when it is empty, which leaves the time to the queue.
 */
function time({ own, step }: Job): string {
  const text = step.resources.walltime?.trim() ?? '';
  if (LSF_TIME.test(text)) return text;
  if (own.walltime.kind !== 'limit') return '';
  const minutes = Math.ceil(own.walltime.seconds / 60);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function launcher({ own, step }: Job, share: Share): string {
  const words = ['jsrun', '--nrs', share.procs, '-b', shellWord(step.resources.bind || 'rs')];
  if (own.gpus !== undefined) words.push('-g', own.gpus);
  const bindGpus = step.resources['bind gpus'];
  if (bindGpus) words.push('-B', shellWord(bindGpus));
  words.push('-a', own.tasksPerRs ?? 1, '-r', own.rsPerNode ?? 1, '-c', own.cpusPerRs ?? 1);
  return words.join(' ');
}

function optionLine({ name, value }: SchedulerOption): string {
  return value === undefined ? `#BSUB -${name}` : `#BSUB -${name} ${directiveWord(value)}`;
}

/** Options that a key of the specification stands for. */
const KEYS: Readonly<Record<string, string>> = {
  nnodes: 'nodes',
  q: 'queue',
  G: 'bank',
  W: 'walltime',
  U: 'reservation',
};

/** Options by which a job would be named, found, placed or awaited in another way than Maestro expects. */
const OURS = new Set(
  [
    'J',
    'Jd',
    'o',
    'oo',
    'e',
    'eo',
    'cwd',
    'I',
    'Ip',
    'Is',
    'IS',
    'ISp',
    'ISs',
    'IX',
    'K',
    'pack',
    'r',
    'rn',
  ].concat(['jsm', 'L', 'h', 'V']),
);

function clash({ name }: SchedulerOption): string | undefined {
  if (Object.hasOwn(KEYS, name)) return `write ${KEYS[name]} in its place`;
  return OURS.has(name) ? 'remove it' : undefined;
}
