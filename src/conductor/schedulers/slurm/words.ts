import { SHOWN_LINES } from './bounds.ts';

/** What Slurm's commands put before each line of a complaint. */
const SPEAKER = /^(?:sbatch|squeue|sacct|scancel|scontrol|sinfo|sacctmgr): (?:(?:error|fatal): )?/;

/** A command's own words on one line, without the command's name at the head of each. */
export function wordsOf(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.replace(SPEAKER, '').trim())
    .filter((line) => line !== '');
  return lines.slice(-SHOWN_LINES).join('; ');
}

/**
 * Failures that say nothing of what the controller did with a request: it may have arrived or not. They are
 * Slurm's communication and authentication errors, and the system's.
 */
const SILENCE = [
  /unable to contact slurm controller/i,
  /timed out/i,
  /zero bytes were transmitted/i,
  /\bconnection\b/i,
  /(?:send|receive|shutdown|connect) failure/i,
  /message (?:received|length)/i,
  /header lengths are longer/i,
  /missing socket|socket error|file descriptors?$/i,
  /would block/i,
  /standby mode/i,
  /shutting down/i,
  /rate limit exceeded/i,
  /(?:protocol|munge).*(?:auth|error|encode|decode|fail)|auth(?:entication)? (?:plugin|credential)/i,
  /could not establish a configuration source|check slurm\.conf/i,
  /temporarily unable/i,
  /no route to host|network is unreachable|broken pipe|interrupted system call|operation now in progress/i,
  /no error$/i,
] as const;

/** Whether these words leave open what became of the request. */
export function isSilence(words: string): boolean {
  return SILENCE.some((pattern) => pattern.test(words));
}
