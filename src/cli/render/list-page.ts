import { formatTime } from '../../shared/state/status-csv.ts';
import type { ListedStudy } from '../listed-study.ts';
import { overviewJson } from './json.ts';
import { overviewCells, paintStudyState } from './overview.ts';
import { type Column, tableLines } from './table.ts';
import type { Theme } from './theme.ts';
import { printable } from './width.ts';

const COLUMNS: readonly Column[] = [
  { header: 'Study' },
  { header: 'State' },
  { header: 'Steps', align: 'right' },
  { header: 'Started' },
  { header: 'Directory' },
];

const STATE_COLUMN = 1;

/** What `list` prints. */
export function* listLines(studies: readonly ListedStudy[], theme: Theme): Generator<string> {
  if (studies.length === 0) {
    yield theme.faint('no studies yet; `maestro run SPECIFICATION` starts one');
    return;
  }
  yield* tableLines(COLUMNS, studies.map(cells), {
    theme,
    paint: (text, row, column) => {
      if (column !== STATE_COLUMN) return text;
      const study = studies[row]!;
      return study.kind === 'read' ? paintStudyState(study.overview.state, text, theme) : theme.error(text);
    },
  });
}

function cells(study: ListedStudy): string[] {
  const { name, createdAt, directory } = study.entry;
  const [state, steps] = study.kind === 'read' ? overviewCells(study.overview) : ['unreadable', '–'];
  return [printable(name), state!, steps!, formatTime(createdAt), printable(directory)];
}

/** What `list --json` prints. */
export function* listJson(studies: readonly ListedStudy[]): Generator<string> {
  yield JSON.stringify(
    {
      studies: studies.map((study) => {
        if (study.kind === 'read') return overviewJson(study.overview);
        const { name, directory } = study.entry;
        return { name, directory, state: 'unreadable', problem: study.problem };
      }),
    },
    null,
    2,
  );
}
