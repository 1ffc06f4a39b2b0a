import { foreseeCancel, foreseeRetry } from '../../conductor/main.ts';
import { readNewestReasons } from '../../shared/state/queries.ts';
import type { StepState } from '../../shared/state/states.ts';
import type { Store } from '../../shared/state/store.ts';
import { readStudy, type StudyRecord } from '../../shared/state/study-record.ts';
import { type Overview, readStudyAt } from '../../shared/status/snapshot.ts';
import type { StepFilter } from '../../shared/status/step-filter.ts';
import { paramsOf } from '../../shared/study/combinations.ts';
import { FEW_STEPS, type TouchedStep } from './touched-step.ts';

/** What a repair would do to a study, as it stands now. */
export interface Prospect {
  readonly overview: Overview;
  /** How many steps match what the user asked for, whatever can be done about them. */
  readonly matches: number;
  /** In the order of status.csv. */
  readonly touched: readonly TouchedStep[];
  /** Why steps that were chosen cannot be touched. */
  readonly refused: readonly string[];
}

/** What a retry of the steps that a filter lets through would do. */
export function prospectOfRetry(directory: string, filter: StepFilter, descendants: boolean): Prospect {
  return prospect(directory, filter, (store, record, chosen) => {
    const { steps, refused } = foreseeRetry(store, record, chosen, descendants);
    return { steps, refused: refused.map(({ why }) => why) };
  });
}

/** What a cancel of the steps that a filter lets through would do. */
export function prospectOfCancel(directory: string, filter: StepFilter): Prospect {
  return prospect(directory, filter, (store, record, chosen) => ({
    steps: foreseeCancel(store, record, chosen),
    refused: [],
  }));
}

type Foresee = (
  store: Store,
  record: StudyRecord,
  chosen: readonly number[],
) => { readonly steps: readonly number[]; readonly refused: readonly string[] };

function prospect(directory: string, filter: StepFilter, foresee: Foresee): Prospect {
  return readStudyAt(directory, (store, overview): Prospect => {
    const record = readStudy(store);
    const states = store.prepare('SELECT state FROM step ORDER BY id').pluck().all() as StepState[];
    const chosen = states.flatMap((state, step) => (isAccepted(record, step, state, filter) ? [step] : []));
    const { steps, refused } = foresee(store, record, chosen);
    const reasons = steps.length <= FEW_STEPS ? readNewestReasons(store, steps) : new Map<number, string>();
    const wanted = new Set(chosen);
    const { study, expansion } = record;
    const touched = steps.map((id): TouchedStep => {
      const reason = reasons.get(id);
      return {
        id,
        name: expansion.names[id]!,
        template: study.steps[expansion.template[id]!]!.name,
        state: states[id]!,
        isChosen: wanted.has(id),
        ...(reason === undefined ? {} : { reason }),
      };
    });
    return { overview: overview(), matches: chosen.length, touched, refused };
  });
}

function isAccepted(
  { study, expansion }: StudyRecord,
  step: number,
  state: StepState,
  filter: StepFilter,
): boolean {
  const params = filter.needsParams ? paramsOf(study, expansion, step) : [];
  return filter.accepts({ name: expansion.names[step]!, state, params });
}
