import { formatTime } from '../../shared/state/status-csv.ts';
import type { Overview } from '../../shared/status/snapshot.ts';
import { clockText, spanText } from './duration.ts';
import { conductorText, paintStudyState } from './overview.ts';
import type { Theme } from './theme.ts';
import { padTo } from './width.ts';

/** What `conductor --status` says of a study: its state, and who conducts it or did last. */
export function* conductorLines(overview: Overview, theme: Theme): Generator<string> {
  const { summary, state, lease, takenAt } = overview;
  yield `${theme.strong(summary.name)} · ${paintStudyState(state, state, theme)}`;
  yield theme.faint(overview.directory);
  yield conductorText(overview);
  if (lease === undefined) return;
  const facts: [label: string, text: string][] = [
    ['host', lease.host],
    ['pid', String(lease.process.pid)],
    ['user', lease.user],
    ['since', formatTime(lease.acquiredAt)],
    ['heartbeat', `${spanText(takenAt - lease.heartbeat)} ago`],
    ...(lease.releasedAt === undefined
      ? []
      : [
          [
            'left',
            `${formatTime(lease.releasedAt)}, after ${clockText(lease.releasedAt - lease.acquiredAt)}`,
          ] as [string, string],
        ]),
  ];
  for (const [label, text] of facts) yield `  ${theme.faint(padTo(label, 11))}${text}`;
}
