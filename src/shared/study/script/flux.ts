import type { Job, ScriptDialect, Share } from './dialect.ts';
import { oneLine, shellWord } from './words.ts';

/** Flux: `#INFO` lines for the reader (Flux takes its options at submission), `flux run`. */
export const flux: ScriptDialect = {
  extension: 'flux.sh',
  headsUnscheduled: true,
  header,
  launcher,
  nodes,
};

function nodes({ own, shared }: Job): number {
  return own.nodes ?? shared.nodes ?? 1;
}

function header(job: Job): string[] {
  const { batch } = job;
  const lines = [`#INFO (nodes) ${nodes(job)}`, `#INFO (walltime) ${walltimeSeconds(job)}`];
  // Which flux will run the script is not known when it is written: only what the user asked for is told.
  if (batch.version) lines.push(`#INFO (flux adapter version) ${oneLine(batch.version)}`);
  lines.push(`#INFO (queue) ${oneLine(batch.queue ?? '')}`);
  if (batch.uri) lines.push(`#INFO (flux_uri) ${oneLine(batch.uri)}`);
  return lines;
}

/** Clock times as Python prints a float, others as it prints an int: users' scripts compare these lines. */
function walltimeSeconds({ own, step }: Job): string {
  if (own.walltime.kind !== 'limit') return '0';
  const { seconds } = own.walltime;
  const isClock = step.resources.walltime?.includes(':') === true;
  return isClock && Number.isInteger(seconds) ? `${seconds}.0` : String(seconds);
}

function launcher(job: Job, share: Share): string {
  const { own, batch } = job;
  let command = `flux run -n ${share.procs} -N ${share.nodes ?? nodes(job)} -c ${own.coresPerTask ?? 1}`;
  if (own.gpus !== undefined) command += ` -g ${own.gpus}`;
  const options = Object.keys(batch.args).sort();
  if (options.length > 0) {
    command += ` -o ${options.map((name) => shellWord(`${name}=${batch.args[name]}`)).join(',')}`;
  }
  return command;
}
