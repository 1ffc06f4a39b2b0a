/** The name of a job of a task, of its output directory, and, with `.log`, of its log. Numbers count from 0. */
export function jobName(number: number): string {
  return `job_configId_${number}`;
}
