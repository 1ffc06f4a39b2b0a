import type { JobRequest, Submission } from './scheduler.ts';

/**
 * Where the job script of a submission leaves its marks, besides the submission's own `<id>.sh`:
 * `<token>.claim` holds the job id that may run the attempt, `<token>.exit` how the script ended.
 */
export interface JobScriptInput {
  readonly id: string;
  /** Directory of the marks, absolute. */
  readonly records: string;
  /** The header lines of the scheduler, common to all members. */
  readonly header: readonly string[];
  readonly members: readonly ArrayMember[];
}

/** A member; in an array with files of its own for what it prints. */
export interface ArrayMember extends JobRequest {
  readonly output?: { readonly stdout: string; readonly stderr: string };
}

/**
 * The text of a job script, for /bin/sh. It runs the step's own script in its workspace and records how that
 * ended, so that the end is known even where a scheduler forgets it.
 *
 * Before anything of the step runs, the job claims the attempt by creating a file that must not exist yet. A
 * conductor that gives a submission up for lost creates the same file: whoever comes second stands back, so a
 * job that turns up late cannot run a step a second time. A job that its scheduler has requeued finds its own
 * id there, and runs again.
 */
export function jobScript({ id, records, header, members }: JobScriptInput): string {
  const lines = [
    '#!/bin/sh',
    ...header,
    '',
    `# maestro submission ${id}`,
    `case "\${SLURM_ARRAY_TASK_ID:-\${PBS_ARRAY_INDEX:-0}}" in`,
    ...members.map(memberLine),
    'esac',
    `records=${quote(records)}`,
    ...BODY,
  ];
  return `${lines.join('\n')}\n`;
}

const MEMBER = /^(\d+\)) attempt='([^']*)'/;

/** The tokens of a job script's members by their index, as `jobScript` has written them. */
export function membersOf(script: string): string[] {
  const tokens: string[] = [];
  for (const line of script.split('\n')) {
    const token = MEMBER.exec(line)?.[2];
    if (token !== undefined) tokens.push(token);
  }
  return tokens;
}

function memberLine({ token, workspace, script, output }: ArrayMember, index: number): string {
  const files = output === undefined ? '' : ` stdout=${quote(output.stdout)} stderr=${quote(output.stderr)}`;
  return `${index}) attempt='${token}' workspace=${quote(workspace)} script=${quote(script)}${files} ;;`;
}

/** What one step writes is the user's, so nothing here prints unless something is wrong. */
const BODY = [
  'job="${SLURM_JOB_ID:-${FLUX_JOB_ID:-${LSB_JOBID:-${PBS_JOBID:-unknown}}}}"',
  // In an instance of Flux for the job alone the job around it is an attribute.
  '[ "$job" != unknown ] || job=$(flux getattr jobid 2>/dev/null) || job=unknown',
  '[ -z "$SLURM_ARRAY_JOB_ID" ] || job="${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"',
  'claim="$records/$attempt.claim"',
  'if ! (set -C; printf "%s\\n" "$job" > "$claim") 2>/dev/null; then',
  '  if [ ! -e "$claim" ]; then echo "maestro: $claim cannot be written" >&2; exit 75; fi',
  '  if [ "$(cat "$claim")" != "$job" ]; then echo "maestro: this attempt was given up" >&2; exit 0; fi',
  'fi',
  'cd "$workspace" || exit 75',
  '[ -z "$stdout" ] || exec >"$stdout" 2>"$stderr"',
  'MAESTRO_ATTEMPT=$attempt; export MAESTRO_ATTEMPT',
  'began=$(date +%s)',
  '"$script"',
  'code=$?',
  'printf "%s %s %s\\n" "$code" "$began" "$(date +%s)" > "$records/$attempt.exit.new" &&',
  '  mv -f "$records/$attempt.exit.new" "$records/$attempt.exit"',
  'exit $code',
];

/** A word for the shell, whatever is in it. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A submission's own script lies among its marks. */
export function submissionFile(records: string, id: Submission['id']): string {
  return `${records}/${id}.sh`;
}
