const JOB_ID = /^(\d+)(?:\.[\w-]+)*$/;

/** Whether a text can be the id of a job of PBS: a number, and mostly the server's name behind it. */
export function isJobId(text: string): boolean {
  return JOB_ID.test(text);
}

/**
 * The number of a job, which stays the same where one command tells the server's full name and another the short
 * one. A study knows one server only.
 */
export function numberOf(job: string): string | undefined {
  return JOB_ID.exec(job)?.[1];
}
