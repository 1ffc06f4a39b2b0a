import { runCommand } from '../../conductor/schedulers/command.ts';
import type { Batch } from '../../shared/spec/specification.ts';
import { askScheduler, type SchedulerType } from './ask-scheduler.ts';
import { type MachineFacts, machineFacts } from './machine.ts';
import { withPatience } from './patience.ts';
import { type ProbedProgram, probePrograms, type World } from './probe.ts';
import { BATCH_COMMANDS, PROGRAMS } from './programs.ts';
import type { SchedulerAnswer } from './scheduler-answer.ts';

/** How long schedulers may take to tell of themselves, in milliseconds: whoever asks a doctor has time. */
const PATIENCE_MS = 20_000;

/** The batch block of a study that has none. */
export const LOCAL_BATCH: Batch = { type: 'local', shell: '/bin/bash', args: {} };

const THIS_MACHINE: World = { run: runCommand, environment: process.env };

/** A scheduler, and what it says of itself. */
export interface AskedScheduler {
  readonly type: SchedulerType;
  readonly answer: SchedulerAnswer;
}

/** All that was found out about this machine. */
export interface Examination {
  readonly programs: readonly ProbedProgram[];
  /** Those that are here, and that of the batch block. */
  readonly schedulers: readonly AskedScheduler[];
  readonly machine: MachineFacts;
}

/** Looks at this machine as a study with this batch block would find it. */
export async function examine(
  batch: Batch,
  directory: string,
  world: World = THIS_MACHINE,
): Promise<Examination> {
  const programs = await probePrograms(PROGRAMS, world);
  const types = (Object.keys(BATCH_COMMANDS) as SchedulerType[]).filter(
    (type) => type === batch.type || isPresent(programs, BATCH_COMMANDS[type].name),
  );
  const patient = { ...world, run: withPatience(world.run, PATIENCE_MS) };
  const schedulers = types.map(async (type) => {
    return { type, answer: await askScheduler(type, type === batch.type ? batch : {}, patient) };
  });
  return {
    programs,
    schedulers: await Promise.all(schedulers),
    machine: machineFacts(batch, directory),
  };
}

function isPresent(programs: readonly ProbedProgram[], name: string): boolean {
  return programs.some(({ program, presence }) => program.name === name && presence.kind !== 'missing');
}
