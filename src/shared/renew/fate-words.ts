import type { Cause, Fate } from './fates.ts';
import type { TextChange } from './text-change.ts';

const CHANGES: Readonly<Record<TextChange, string>> = {
  script: 'its script has changed',
  'restart script': 'its restart script has changed',
  resources: 'its resources have changed',
  batch: 'the batch block has changed',
};

/** Why a step has its fate, as a clause; empty where there is nothing to say. */
export function fateClause(fate: Fate, nameOf: (row: number) => string): string {
  switch (fate.kind) {
    case 'again':
      return causeClause(fate.cause, nameOf);
    case 'waits':
    case 'kept':
      return fate.change === undefined ? '' : CHANGES[fate.change];
    case 'new':
      return 'the specification has it now';
    case 'back':
      return 'the specification has it again';
    case 'removed':
    case 'gone':
      return 'the specification has it no more';
  }
}

function causeClause(cause: Cause, nameOf: (row: number) => string): string {
  switch (cause.kind) {
    case 'text':
      return CHANGES[cause.change];
    case 'dependencies':
      return 'it depends on other steps now';
    case 'parent':
      return `it depends on ${nameOf(cause.parent)}, which runs`;
    case 'unfinished':
      return 'it has not finished';
  }
}
