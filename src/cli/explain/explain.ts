import { quoteForShell } from '../../shared/quote-for-shell.ts';
import { isInFlight } from '../../shared/state/states.ts';
import { attemptSentence, usageSentence } from './attempt-sentence.ts';
import { blameSentences, retrySentences } from './blame.ts';
import type { OutputTail, StepFacts } from './facts.ts';
import { flightSentences } from './flight.ts';
import { waitingSentences } from './waiting.ts';

/** Something that a user can do about a step, with the command that does it. */
export interface Mend {
  readonly what: string;
  readonly command: string;
}

/** Why a step is in its state. */
export interface Explanation {
  readonly sentences: readonly string[];
  readonly output: OutputTail | undefined;
  readonly mends: readonly Mend[];
}

/** Attempts that are told of one by one; of a step that was tried often only the newest. */
const TOLD_ATTEMPTS = 4;

/** Explains a step's state from the facts. Pure: all that it says, it says because of them. */
export function explain(facts: StepFacts): Explanation {
  return {
    sentences: [...historySentences(facts), ...stateSentences(facts)],
    output: facts.state === 'FINISHED' || isBlameless(facts) ? undefined : facts.output,
    mends: mendsFor(facts),
  };
}

/** Whether the step itself did nothing wrong: it ended without having been started since it was last reset. */
function isBlameless({ state, last }: StepFacts): boolean {
  return (state === 'FAILED' || state === 'CANCELLED') && last?.from === 'INITIALIZED';
}

function historySentences(facts: StepFacts): string[] {
  const ended = facts.attempts.filter(({ outcome }) => outcome !== null);
  const told = ended.slice(-TOLD_ATTEMPTS);
  const untold = ended.length - told.length;
  const usage = isInFlight(facts.state) ? undefined : told.at(-1) && usageSentence(told.at(-1)!);
  return [
    ...(untold > 0 ? [`There were ${untold} attempts before these.`] : []),
    ...told.map((attempt) => attemptSentence(attempt, facts)),
    ...(usage === undefined ? [] : [usage]),
  ];
}

function stateSentences(facts: StepFacts): string[] {
  switch (facts.state) {
    case 'INITIALIZED':
      return waitingSentences(facts);
    case 'PENDING':
    case 'QUEUED':
    case 'WAITING':
    case 'RUNNING':
    case 'FINISHING':
      return flightSentences(facts);
    case 'FAILED':
    case 'CANCELLED':
      return blameSentences(facts, isBlameless(facts));
    case 'DRYRUN':
      return ['The study is a dry run: its scripts are written, nothing is run.'];
    case 'TIMEDOUT':
      return [
        'It has no restart script, so it ends with that; run again it gets the same walltime.',
        ...retrySentences(facts),
      ];
    case 'FINISHED':
      return [];
    case 'REMOVED':
      return [
        "The study's specification has no such step any more: it is not run. Its workspace is kept below _removed/.",
      ];
    case 'HWFAILURE':
    case 'UNKNOWN':
    case 'NOTFOUND':
    case 'INCOMPLETE':
      return facts.last === undefined ? [] : [`The event log says: ${facts.last.why}.`];
  }
}

function mendsFor(facts: StepFacts): Mend[] {
  const { name, state, study, attempts, culprits } = facts;
  const [directory, step] = [quoteForShell(facts.directory), quoteForShell(name)];
  const resume: Mend = { what: 'to go on', command: `maestro resume ${directory}` };
  const output: Mend = {
    what: 'to read all that it wrote',
    command: `maestro logs ${facts.output?.stream === 'out' ? '' : '--err '}${directory} ${step}`,
  };
  const retry = (of: string): Mend => ({
    what: 'to run it again once the cause is mended, and with it what depends on it',
    command: `maestro retry --step ${of} ${directory}`,
  });
  if (state === 'FAILED' || state === 'TIMEDOUT' || state === 'CANCELLED') {
    const [culprit] = culprits.shown;
    if (isBlameless(facts) && culprit !== undefined) {
      const of = quoteForShell(culprit.name);
      return [
        { what: 'to see what went wrong there', command: `maestro explain ${directory} ${of}` },
        { what: 'to run it all again once the cause is mended', command: `maestro retry ${directory}` },
      ];
    }
    return [...(attempts.some(({ startedAt }) => startedAt !== null) ? [output] : []), retry(step)];
  }
  if (state === 'FINISHED') {
    return [
      {
        what: 'to run it and everything after it again',
        command: `maestro retry --from ${step} ${directory}`,
      },
    ];
  }
  if (state === 'REMOVED') return facts.output === undefined ? [] : [output];
  if (state === 'DRYRUN') return [];
  if (study.state === 'stopped' || study.isPaused) return [resume];
  if (state === 'INITIALIZED' && isThrottled(facts)) {
    return [{ what: 'to let more run at once', command: `maestro update --throttle 0 ${directory}` }];
  }
  return isInFlight(state) && state === 'RUNNING'
    ? [{ what: 'to look on', command: `maestro logs -f ${directory} ${step}` }]
    : [];
}

function isThrottled({ study, parents }: StepFacts): boolean {
  return parents.unfinished.size === 0 && study.throttle > 0 && study.inFlight >= study.throttle;
}
