import PQueue from 'p-queue';
import type { RunCommand } from '../../conductor/schedulers/command.ts';
import { type Presence, presenceOf } from './presence.ts';
import { programFile } from './program-file.ts';
import type { Program } from './programs.ts';

/** How long a program may take to tell its version, in milliseconds: those on a file server may have to be fetched. */
const VERSION_LIMIT_MS = 5_000;

/** Programs asked at a time: login nodes count a user's processes. */
const ASKED_AT_A_TIME = 8;

/** Where to look, and how to ask. */
export interface World {
  readonly run: RunCommand;
  readonly environment: NodeJS.ProcessEnv;
}

/** A program, and whether it is there. */
export interface ProbedProgram {
  readonly program: Program;
  readonly presence: Presence;
}

/** Asks programs for their versions, several at a time; answers in their order. */
export function probePrograms(programs: readonly Program[], world: World): Promise<ProbedProgram[]> {
  const queue = new PQueue({ concurrency: ASKED_AT_A_TIME });
  return queue.addAll(
    programs.map((program) => async () => ({ program, presence: await probe(program, world) })),
  );
}

async function probe(program: Program, { run, environment }: World): Promise<Presence> {
  const [name, ...args] = program.command;
  if (programFile(name, environment.PATH) === undefined) return { kind: 'missing' };
  const result = await run({
    program: name,
    args,
    limitMs: VERSION_LIMIT_MS,
    environment: { ...environment, LC_ALL: 'C' },
  });
  return presenceOf(program, result);
}
