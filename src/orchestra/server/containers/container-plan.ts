/** Something that containers are made from. */
export type Image =
  /** A root file system as a directory. */
  | { readonly kind: 'directory'; readonly path: string }
  /** A file that apptainer runs as it is. */
  | { readonly kind: 'sif'; readonly path: string }
  /** A name that the runtime itself looks up, and fetches from a registry. */
  | { readonly kind: 'reference'; readonly name: string };

/** What all containers of a task have in common. */
export interface ContainerPlan {
  readonly image: Image;
  /** The user's own directory of the volume on this machine, which the container sees at `/volume/<owner>`. */
  readonly volume: string;
  readonly owner: string;
  /** The numbers `user:group` of whoever serves the cluster. */
  readonly user: string;
  readonly hasNetwork: boolean;
  /** MiB. */
  readonly memory: number | undefined;
  readonly processes: number | undefined;
  readonly hasGpu: boolean;
}

/** What differs from job to job, by the names that the job's script has for it. */
export type JobVariable =
  /** The job's output directory on this machine, and as the container sees it. */
  | 'output'
  | 'inside'
  /** For `/bin/sh -c`. */
  | 'command'
  /** A name that no other container of this machine has. */
  | 'container'
  /** What `CUDA_VISIBLE_DEVICES` is to be. */
  | 'devices';

/** A word of a command line: a text, or texts and variables put together. */
export type Word = string | readonly (string | { readonly variable: JobVariable })[];

/** What the job's script says where a variable stands. */
export function the(variable: JobVariable): { readonly variable: JobVariable } {
  return { variable };
}
