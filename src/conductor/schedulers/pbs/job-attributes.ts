/**
 * A job as `qstat -f` tells it: by attribute its value; of those with parts, each part by the attribute's name, a
 * dot, and its own.
 */
export interface JobAttributes {
  readonly id: string;
  readonly values: ReadonlyMap<string, string>;
}

const JOB = /^Job Id: (\S+)$/;
const ATTRIBUTE = /^ {4}(\S+) = (.*)$/;

/** Reads the text of `qstat -f`. A value that is too long goes on in lines that begin with a tab. */
export function readText(stdout: string): JobAttributes[] {
  const jobs: { id: string; values: Map<string, string> }[] = [];
  for (const line of stdout.replaceAll('\n\t', '').split('\n')) {
    const id = JOB.exec(line.trimEnd())?.[1];
    if (id !== undefined) jobs.push({ id, values: new Map() });
    const attribute = ATTRIBUTE.exec(line);
    if (attribute !== null) jobs.at(-1)?.values.set(attribute[1]!, attribute[2]!);
  }
  return jobs;
}

/**
 * Reads the JSON of `qstat -f -F json`; undefined where it is broken, as it is in some versions once a value of
 * the user's holds a quote or looks like a number.
 */
export function readJson(stdout: string): JobAttributes[] | undefined {
  if (stdout.trim() === '') return [];
  try {
    const { Jobs = {} }: { Jobs?: Record<string, unknown> } = JSON.parse(stdout);
    return Object.entries(Jobs).map(([id, job]) => ({ id, values: new Map(flat(job, '')) }));
  } catch {
    return undefined;
  }
}

function flat(value: unknown, name: string): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[name, String(value)]];
  const prefix = name === '' ? '' : `${name}.`;
  return Object.entries(value).flatMap(([key, part]) => flat(part, `${prefix}${key}`));
}

/** Names the submission among a job's variables. */
export const VARIABLE = 'MAESTRO_SUBMISSION';

const VARIABLE_IN_LIST = new RegExp(`(?:^|,)${VARIABLE}=([^,]*)`);

/** The submission that a job was made for; undefined for a job of anybody else. */
export function submissionOf({ values }: JobAttributes): string | undefined {
  return (
    values.get(`Variable_List.${VARIABLE}`) ?? VARIABLE_IN_LIST.exec(values.get('Variable_List') ?? '')?.[1]
  );
}
