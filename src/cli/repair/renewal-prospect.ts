import { realpathSync } from 'node:fs';
import { UserError } from '../../shared/errors.ts';
import type { CheckedStudy } from '../../shared/prepare/prepare.ts';
import { changesNothing, planRenewal, type Renewal } from '../../shared/renew/renewal.ts';
import { readNewestEvent } from '../../shared/state/queries.ts';
import type { StepState } from '../../shared/state/states.ts';
import { readStudy, type StudyRecord } from '../../shared/state/study-record.ts';
import { type Overview, readStudyAt } from '../../shared/status/snapshot.ts';

/** A study as it stands before it gets another specification. */
export interface KnownStudy {
  readonly overview: Overview;
  readonly record: StudyRecord;
  /** Of its rows. */
  readonly states: readonly StepState[];
  readonly newestEvent: number;
}

/** What another specification would do to a study. */
export interface RenewalProspect {
  readonly known: KnownStudy;
  readonly renewal: Renewal;
  /** Whether the specification is the same in everything that counts, and no step would run for it. */
  readonly isNothing: boolean;
}

/** Reads a study that is to have another specification. Throws a UserError where it cannot have one. */
export function readKnownStudy(argument: string): KnownStudy {
  const known = readStudyAt(argument, (store, overview): KnownStudy => {
    return {
      overview: overview(),
      record: readStudy(store),
      states: store.prepare('SELECT state FROM step ORDER BY id').pluck().all() as StepState[],
      newestEvent: readNewestEvent(store),
    };
  });
  const { directory, summary } = known.overview;
  if (summary.outcome === 'dry') {
    throw new UserError(`${directory} is a dry run`, 'run the specification without --dry');
  }
  const made = known.record.study.directory;
  if (!isSamePlace(directory, made)) {
    throw new UserError(`the study in ${directory} was made in ${made}`, 'move it back there first');
  }
  return known;
}

function isSamePlace(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}

/** Foresees what a checked specification does to a study. Throws a UserError for one of another study. */
export function prospectOfRenewal(
  known: KnownStudy,
  checked: CheckedStudy,
  ignoresResources: boolean,
): RenewalProspect {
  const { record, states, overview } = known;
  const { study, expansion } = record;
  if (checked.study.name !== study.name) {
    throw new UserError(
      `the specification is named ${checked.study.name}, and the study in ${overview.directory} ${study.name}`,
      'give it the same name, or run it as a study of its own',
    );
  }
  const renewal = planRenewal({ study, expansion, states }, checked, { ignoresResources });
  const isSame = JSON.stringify(study) === JSON.stringify(checked.study);
  return { known, renewal, isNothing: isSame && changesNothing(renewal) };
}
