import type { BatchType } from '../../shared/spec/specification.ts';

/** What a program is to a study. */
export type ProgramKind = 'scheduler' | 'launcher' | 'container' | 'tool';

/** A program that a study may use, and how it is asked for its version. */
export interface Program {
  readonly kind: ProgramKind;
  /** As its users call it. */
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  /** Finds the version in what it answers on either stream. */
  readonly version: RegExp;
  /** True where other programs go by the same name: what tells no such version is not the one that is meant. */
  readonly isNameShared?: boolean;
}

/** The first number with a dot in it: what nearly every program says. */
const DOTTED = /(\d+(?:\.\d+)+[\w.+~-]*)/;

/** Kubernetes users have another flux. */
const FLUX = {
  command: ['flux', 'version'],
  version: /^(?:commands|libflux-core):\s+(\S+)/m,
  isNameShared: true,
} as const;

const SCHEDULERS: readonly Program[] = [
  { kind: 'scheduler', name: 'Slurm', command: ['sbatch', '--version'], version: DOTTED },
  { kind: 'scheduler', name: 'Flux', ...FLUX },
  {
    kind: 'scheduler',
    name: 'LSF',
    command: ['bsub', '-V'],
    version: /\bLSF\D*(\d+(?:\.\d+)+)/,
    isNameShared: true,
  },
  {
    // Grid Engine has a qstat and a qsub too.
    kind: 'scheduler',
    name: 'PBS',
    command: ['qstat', '--version'],
    version: /(?:pbs_version = (?:\w+_)?|^version: )(\S+)/im,
    isNameShared: true,
  },
];

const LAUNCHERS: readonly Program[] = [
  { kind: 'launcher', name: 'srun', command: ['srun', '--version'], version: DOTTED },
  { kind: 'launcher', name: 'flux run', ...FLUX },
  { kind: 'launcher', name: 'jsrun', command: ['jsrun', '--version'], version: DOTTED },
  { kind: 'launcher', name: 'mpiexec', command: ['mpiexec', '--version'], version: DOTTED },
  { kind: 'launcher', name: 'mpirun', command: ['mpirun', '--version'], version: DOTTED },
];

const CONTAINERS: readonly Program[] = [
  'podman',
  'docker',
  'apptainer',
  'singularity',
  'ch-run',
  'bwrap',
  'crun',
].map((name) => ({ kind: 'container', name, command: [name, '--version'], version: DOTTED }));

const TOOLS: readonly Program[] = ['python3', 'git'].map((name) => {
  return { kind: 'tool', name, command: [name, '--version'], version: DOTTED };
});

/** All that is looked for, in the order in which it is told. */
export const PROGRAMS: readonly Program[] = [...SCHEDULERS, ...LAUNCHERS, ...CONTAINERS, ...TOOLS];

/** A scheduler as a batch block names it: what people call it, and the commands without which no step runs. */
export interface BatchCommands {
  readonly name: string;
  readonly commands: readonly string[];
}

/** The schedulers of batch blocks. */
export const BATCH_COMMANDS: Readonly<Record<Exclude<BatchType, 'local'>, BatchCommands>> = {
  slurm: { name: 'Slurm', commands: ['sbatch', 'squeue', 'scancel'] },
  flux: { name: 'Flux', commands: ['flux'] },
  lsf: { name: 'LSF', commands: ['bsub', 'bjobs', 'bkill'] },
  pbs: { name: 'PBS', commands: ['qsub', 'qstat', 'qdel'] },
};
