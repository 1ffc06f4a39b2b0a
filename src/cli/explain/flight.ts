import { clockText, momentText, spanText } from '../render/duration.ts';
import type { AttemptStory, StepFacts } from './facts.ts';

/** What an attempt that is with the runner or a scheduler is doing. */
export function flightSentences(facts: StepFacts): string[] {
  const newest = facts.attempts.at(-1);
  if (newest === undefined) return [];
  return [...positionSentences(facts, newest), ...troubleSentences(facts)];
}

function positionSentences(facts: StepFacts, attempt: AttemptStory): string[] {
  const { state, now, isScheduled, last } = facts;
  const { number, submittedAt, job } = attempt;
  const since = spanText(now - submittedAt);
  switch (state) {
    case 'PENDING':
      return [
        isScheduled
          ? `Attempt ${number} is being submitted, since ${since}: the scheduler has not yet said that it has it.`
          : `Attempt ${number} has been with the step runner for ${since}: it starts as soon as enough cores are free.`,
      ];
    case 'QUEUED':
    case 'WAITING':
      return [
        `Attempt ${number} is job ${job} of the scheduler, submitted ${since} ago.`,
        ...(last === undefined ? [] : [`The scheduler says: ${last.why}.`]),
      ];
    default:
      return runningSentences(facts, attempt);
  }
}

function runningSentences({ now, isScheduled, state }: StepFacts, attempt: AttemptStory): string[] {
  const { number, startedAt, job, host, script, walltimeMs } = attempt;
  const where = isScheduled ? `as job ${job}` : `as process ${job} on host ${host}`;
  const what = script === 'restart' ? `Attempt ${number}, by its restart script,` : `Attempt ${number}`;
  if (startedAt === null) return [`${what} is ${state}, ${where}.`];
  const ran = now - startedAt;
  const left = walltimeMs === undefined ? undefined : walltimeMs - ran;
  return [
    `${what} has run for ${clockText(ran)}, since ${momentText(startedAt, now)}, ${where}.`,
    ...(left === undefined || left <= 0
      ? []
      : [`Its walltime is ${clockText(walltimeMs!)}: ${clockText(left)} are left.`]),
  ];
}

function troubleSentences({ study, schedulerTrouble }: StepFacts): string[] {
  return [
    ...(schedulerTrouble === undefined
      ? []
      : [`The scheduler does not answer at the moment (${schedulerTrouble}), so this may be out of date.`]),
    ...(study.state === 'stopped'
      ? ['Nobody conducts the study: how it ends is recorded, and read once somebody does.']
      : []),
    ...(study.state === 'cancelling' ? ['The study is being cancelled: this is being ended.'] : []),
  ];
}
