import type { CopyHealth, Recoverable, StoreHealth, StudyExamination } from '../../conductor/main.ts';
import { UserError } from '../../shared/errors.ts';
import { describeHolder } from '../../shared/state/lease.ts';
import { STEP_STATES, type StepState } from '../../shared/state/states.ts';
import { countsText, grouped, stepsText } from './overview.ts';
import type { Theme } from './theme.ts';
import { padTo, printable, wrapTo } from './width.ts';

const LABEL_WIDTH = 9;

/** What `doctor` says of a study directory: a line a thing, then what could be restored, if anything is lost. */
export function* healthLines(
  study: StudyExamination,
  { theme, width = Number.POSITIVE_INFINITY }: { readonly theme: Theme; readonly width: number | undefined },
): Generator<string> {
  yield theme.strong(printable(study.directory));
  yield '';
  for (const [isGood, label, text] of healthRows(study)) {
    const mark = isGood ? theme.good('✓') : theme.warning('!');
    const indent = LABEL_WIDTH + 6;
    const [first = '', ...more] = wrapTo(printable(text), width - indent);
    yield `  ${mark} ${padTo(label, LABEL_WIDTH)}  ${first}`;
    for (const line of more) yield ' '.repeat(indent) + line;
  }
  if (study.recoverable === undefined || study.recoverable instanceof UserError) return;
  yield '';
  yield* wrapTo(recoverableText(study.recoverable), width);
}

type HealthRow = readonly [isGood: boolean, label: string, text: string];

function healthRows(study: StudyExamination): HealthRow[] {
  const { store, copy, lease, leaseState, runners, requests, leftovers } = study;
  return [
    [store.kind === 'intact', 'store', storeText(store)],
    [copy.kind === 'whole' || copy.kind === 'behind', 'copy', copyText(copy, store)],
    [leaseState !== 'stale', 'conductor', conductorText(lease, leaseState)],
    ...(runners.length === 0 ? [] : [[true, 'runner', runnersText(runners)] as const]),
    ...(requests.length === 0
      ? []
      : [[true, 'requests', `not answered yet: ${requests.join(', ')}`] as const]),
    ...(leftovers.length === 0 ? [] : [[true, 'left over', leftovers.join(', ')] as const]),
  ];
}

function storeText(store: StoreHealth): string {
  if (store.kind !== 'intact') return `${store.kind}: ${store.problem}`;
  const { summary, events } = store;
  return `intact: ${stepsText(summary.total)} (${countsText(summary.counts)}), ${eventsText(events)}`;
}

function copyText(copy: CopyHealth, store: StoreHealth): string {
  switch (copy.kind) {
    case 'whole':
      return `whole, with ${eventsText(copy.events)}`;
    case 'behind':
      return `has the first ${eventsText(copy.events)}; the conductor adds the rest`;
    case 'missing':
      return store.kind === 'intact' ? 'missing; the next conductor writes it' : 'missing';
    case 'damaged':
      return `damaged: ${copy.problems.join('; ')}`;
  }
}

function conductorText(lease: StudyExamination['lease'], state: StudyExamination['leaseState']): string {
  if (lease === undefined) return 'none was ever started';
  const holder = describeHolder(lease);
  if (state === 'live') return holder;
  return state === 'stale' ? `none: ${holder}, has died` : `none: ${holder}, left in order`;
}

function runnersText(pids: readonly number[]): string {
  return `process ${pids.join(', ')} still waits for steps on this host`;
}

function eventsText(count: number): string {
  return `${grouped(count)} ${count === 1 ? 'event' : 'events'}`;
}

/** What a new store would hold, and from where. */
export function recoverableText({ plan }: Pick<Recoverable, 'plan'>): string {
  const { copied, salvaged } = plan.events;
  const counts = new Map([...plan.counts].filter(([state]) => isState(state)) as [StepState, number][]);
  const total = [...plan.counts.values()].reduce((sum, count) => sum + count, 0);
  const sources = [
    ...(copied > 0 ? [`${eventsText(copied)} of the copy`] : []),
    ...(salvaged > 0 ? [`${eventsText(salvaged)} that can still be read in the store`] : []),
    ...(plan.judged > 0 ? [`what ${stepsText(plan.judged)} left elsewhere`] : []),
  ];
  const from = sources.length === 0 ? 'the plan alone' : sources.join(', ');
  return `Recoverable from ${from}: ${stepsText(total)} (${countsText(counts)}).`;
}

function isState(name: string): boolean {
  return (STEP_STATES as readonly string[]).includes(name);
}

/** The same for programs. */
export function healthJson(study: StudyExamination): Record<string, unknown> {
  const { directory, store, copy, lease, leaseState, runners, requests, leftovers, recoverable } = study;
  const isIntact = store.kind === 'intact';
  return {
    directory,
    store: {
      state: store.kind,
      problem: isIntact ? null : store.problem,
      events: isIntact ? store.events : null,
      counts: isIntact ? Object.fromEntries(store.summary.counts) : null,
    },
    copy: {
      state: copy.kind,
      events: 'events' in copy ? copy.events : null,
      problems: copy.kind === 'damaged' ? copy.problems : [],
    },
    conductor: lease === undefined ? null : { state: leaseState, host: lease.host, pid: lease.process.pid },
    runners,
    requests,
    leftovers,
    recoverable: recoverable === undefined || recoverable instanceof UserError ? null : planJson(recoverable),
  };
}

function planJson({ plan }: Recoverable): Record<string, unknown> {
  return { events: plan.events, judged: plan.judged, counts: Object.fromEntries(plan.counts) };
}
