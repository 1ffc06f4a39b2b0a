import { clockText, momentText } from '../render/duration.ts';
import { countsText, grouped, stepsText } from '../render/overview.ts';
import type { StepFacts } from './facts.ts';

/** Why a step that has not been handed over waits. */
export function waitingSentences(facts: StepFacts): string[] {
  const isReady = facts.parents.unfinished.size === 0;
  const { notBefore, now } = facts;
  return [
    ...againSentences(facts),
    // Who waits for its next try waits for nobody else.
    ...(notBefore !== undefined && notBefore > now && isReady ? [] : [parentsSentence(facts)]),
    ...(isReady ? [obstacle(facts)] : studySentences(facts)),
  ];
}

function againSentences({ attempts, last }: StepFacts): string[] {
  if (last === undefined) return [];
  // What a dropped attempt leaves behind has been said with the attempt.
  if (attempts.at(-1)?.why === last.why) return [];
  return [`It waits to be tried again: ${last.why}.`];
}

function parentsSentence({ parents }: StepFacts): string {
  const { total, unfinished, shown } = parents;
  if (total === 0) return 'It depends on no other step.';
  const open = [...unfinished.values()].reduce((sum, count) => sum + count, 0);
  if (open === 0)
    return total === 1
      ? 'The step before it has finished.'
      : `All ${stepsText(total)} before it have finished.`;
  const list = shown.map(({ name, state }) => `${name} (${state})`);
  if (open > shown.length)
    return `It waits for ${open === total ? 'all' : `${grouped(open)} of`} ${stepsText(total)} before it: ${countsText(unfinished)}, such as ${list.join(', ')}.`;
  return total === 1
    ? `It waits for ${list[0]}.`
    : `It waits for ${grouped(open)} of the ${stepsText(total)} before it: ${list.join(', ')}.`;
}

/** What keeps a step from being started that could be. */
function obstacle(facts: StepFacts): string {
  const { study, outage, schedulerTrouble, isScheduled, notBefore, now } = facts;
  const [held] = studySentences(facts);
  if (held !== undefined) return held;
  if (notBefore !== undefined && notBefore > now)
    return `That is at ${momentText(notBefore, now)}, in ${clockText(notBefore - now)}: there is a pause before each further try.`;
  if (facts.isWithoutGpus)
    return 'It asks for GPUs, and the study is to use none of them; `maestro update --gpus` changes that.';
  if (outage !== undefined)
    return `This machine cannot start steps at the moment (${outage}); that is tried again by itself.`;
  const { throttle, inFlight } = study;
  if (throttle > 0 && inFlight >= throttle) {
    return `The throttle lets ${stepsText(throttle)} be in flight at once, and ${inFlight} ${inFlight === 1 ? 'is' : 'are'}.`;
  }
  if (schedulerTrouble !== undefined && isScheduled) {
    return `The scheduler does not answer at the moment (${schedulerTrouble}); it is asked again by itself.`;
  }
  const others = `${stepsText(inFlight)} ${inFlight === 1 ? 'is' : 'are'} in flight`;
  return isScheduled
    ? `It is about to be submitted; ${others}.`
    : `It waits for its turn: ${others}, and it starts once there are enough free cores or gpus for it.`;
}

/** What holds back the study as a whole. */
function studySentences({ study }: StepFacts): string[] {
  if (study.state === 'stopped') return ['Nobody conducts the study, so nothing is started.'];
  if (study.state === 'cancelling') return ['The study is being cancelled, so nothing more is started.'];
  return study.isPaused ? ['The study is paused, so nothing more is started.'] : [];
}
