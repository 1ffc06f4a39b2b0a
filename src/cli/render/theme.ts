import { Ansis } from 'ansis';
import type { StepState } from '../../shared/state/states.ts';

/** How text is marked on a terminal. Without colour every function returns its text as it is. */
export interface Theme {
  /** A text in the colour of a step's state. */
  readonly state: (state: StepState, text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
  readonly active: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly error: (text: string) => string;
}

type Shade = Exclude<keyof Theme, 'state'> | 'plain';

/** What a user looks for first is what stands out: failures, then what runs; what waits steps back. */
const SHADES: Readonly<Record<StepState, Shade>> = {
  INITIALIZED: 'faint',
  PENDING: 'faint',
  QUEUED: 'plain',
  WAITING: 'plain',
  RUNNING: 'active',
  FINISHING: 'active',
  FINISHED: 'good',
  FAILED: 'error',
  TIMEDOUT: 'error',
  HWFAILURE: 'error',
  CANCELLED: 'warning',
  UNKNOWN: 'warning',
  NOTFOUND: 'warning',
  INCOMPLETE: 'warning',
  DRYRUN: 'plain',
  REMOVED: 'faint',
};

/**
 * Only the sixteen colours that every terminal maps to its own scheme, so that text stays readable on dark
 * and on light.
 */
export function createTheme(isColoured: boolean): Theme {
  const colours = new Ansis(isColoured ? 1 : 0);
  const shades: Omit<Theme, 'state'> & Record<'plain', (text: string) => string> = {
    plain: (text) => text,
    strong: (text) => colours.bold(text),
    faint: (text) => colours.dim(text),
    good: (text) => colours.green(text),
    active: (text) => colours.cyan(text),
    warning: (text) => colours.yellow(text),
    error: (text) => colours.red(text),
  };
  return { ...shades, state: (state, text) => shades[SHADES[state]](text) };
}

/** Whether a stream takes colours: a terminal that is not dumb and a user who did not refuse them. */
export function takesColour(stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): boolean {
  if ((environment.NO_COLOR ?? '') !== '') return false;
  const forced = environment.FORCE_COLOR;
  if (forced !== undefined && forced !== '') return forced !== '0';
  return stream.isTTY === true && environment.TERM !== 'dumb';
}
