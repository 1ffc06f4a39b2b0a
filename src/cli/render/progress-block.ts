import type { StepState } from '../../shared/state/states.ts';
import { doneOf, estimateMs, type Pace, percentOf } from '../../shared/status/progress.ts';
import { clockText } from './duration.ts';
import { countsText, grouped } from './overview.ts';
import type { Theme } from './theme.ts';
import { printable, truncateTo } from './width.ts';

/** A step that went wrong, and why. */
export interface Failure {
  readonly name: string;
  readonly state: StepState;
  readonly why: string;
}

/** What the live block of a study in the foreground shows. */
export interface ProgressView {
  readonly name: string;
  readonly directory: string;
  readonly counts: ReadonlyMap<StepState, number>;
  readonly total: number;
  readonly elapsedMs: number;
  readonly pace: Pace | undefined;
  /** Newest last. */
  readonly failures: readonly Failure[];
}

const BAR_WIDTH = 40;

/** The live block: a bar, how far and how fast, the steps by state, the newest failures. */
export function progressLines(view: ProgressView, width: number, theme: Theme): string[] {
  const { name, directory, counts, total, elapsedMs, pace, failures } = view;
  const done = doneOf(counts);
  const remaining = estimateMs(total - done, pace);
  const facts = [
    `${grouped(done)} of ${grouped(total)} steps`,
    ...(pace === undefined ? [] : [rateText(pace)]),
    clockText(elapsedMs),
    ...(remaining === undefined || done === total ? [] : [`about ${clockText(remaining)} left`]),
  ];
  const percent = `${percentOf(done, total)} %`;
  const room = Math.max(0, width - BAR_WIDTH - percent.length - 3);
  const failed = total === 0 ? 0 : ((counts.get('FAILED') ?? 0) + (counts.get('TIMEDOUT') ?? 0)) / total;
  return [
    `${theme.strong(truncateTo(printable(name), room))} ${bar(done / Math.max(1, total), failed, theme)} ${percent}`,
    `  ${truncateTo(facts.join(' · '), width - 2)}`,
    `  ${countsText(counts, theme)}`,
    `  ${theme.faint(truncateTo(printable(directory), width - 2))}`,
    ...failures.map(({ name: step, state, why }) => {
      const text = truncateTo(printable(`${step}: ${why}`), width - state.length - 3);
      return `  ${theme.state(state, state)} ${text}`;
    }),
  ];
}

/** `━━━━━━────`: what ended well, what failed, what is left. */
export function bar(done: number, failed: number, theme: Theme): string {
  const full = Math.floor(done * BAR_WIDTH);
  const red = Math.min(full, Math.ceil(failed * BAR_WIDTH));
  return (
    theme.good('━'.repeat(full - red)) +
    theme.error('━'.repeat(red)) +
    theme.faint('─'.repeat(BAR_WIDTH - full))
  );
}

/** `412/s`, or by the minute or hour where that is less than one a second or minute. */
export function rateText({ ended, ms }: Pace): string {
  const perSecond = (ended * 1000) / ms;
  if (perSecond >= 1) return `${rounded(perSecond)}/s`;
  return perSecond * 60 >= 1 ? `${rounded(perSecond * 60)}/min` : `${rounded(perSecond * 3600)}/h`;
}

function rounded(rate: number): string {
  return rate >= 10 ? grouped(Math.round(rate)) : String(Math.round(rate * 10) / 10);
}
