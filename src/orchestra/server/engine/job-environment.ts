/** What programs of this machine and clients of batch schedulers need to know, and nothing that is a secret. */
const NEEDED =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_[A-Z]+|TZ|TMPDIR|LD_LIBRARY_PATH|XDG_RUNTIME_DIR|MAESTRO_RUNNER)$/;
const OF_SCHEDULERS = /^(?:SLURM|FLUX|LSF|LSB|EGO|PBS|MUNGE)_[A-Z0-9_]+$|^KRB5CCNAME$/;
const OF_RUNTIMES =
  /^(?:DOCKER_HOST|CONTAINER_HOST|(?:APPTAINER|SINGULARITY)_(?:CACHEDIR|TMPDIR|CONFIGDIR))$/;

/**
 * The environment of conductors and of what they start. Whatever else the server was given, such as passwords, stays
 * with it: a container's first process keeps for its jobs to read what its caller's environment was, however
 * empty theirs is.
 */
export function jobEnvironment(server: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isNeeded = (name: string): boolean =>
    [NEEDED, OF_SCHEDULERS, OF_RUNTIMES].some((of) => of.test(name));
  return Object.fromEntries(Object.entries(server).filter(([name]) => isNeeded(name)));
}
