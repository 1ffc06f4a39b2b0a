import type { User } from '../../orchestra/api/users.ts';
import { type Column, tableLines } from './table.ts';
import type { Theme } from './theme.ts';
import { printable } from './width.ts';

const COLUMNS: readonly Column[] = [
  { header: 'Username' },
  { header: 'Role' },
  { header: 'State' },
  { header: 'Priority', align: 'right' },
  { header: 'Queues', isElastic: true },
  { header: 'Storage', align: 'right' },
  { header: 'Jobs', align: 'right' },
  { header: 'E-mail', isElastic: true },
  { header: 'Since' },
];

const STATE_COLUMN = 2;
const BYTES_IN_MIB = 1024 * 1024;

/** What `orchestra user list` prints. */
export function* userLines(
  users: readonly User[],
  { theme, width }: { readonly theme: Theme; readonly width: number | undefined },
): Generator<string> {
  if (users.length === 0) {
    yield theme.faint(
      'no users yet; `maestro orchestra user add NAME --role admin --activate` makes the first',
    );
    return;
  }
  const shades = { registered: theme.warning, active: theme.good, inactive: theme.faint };
  yield* tableLines(COLUMNS, users.map(cells), {
    theme,
    width,
    paint: (text, row, column) => (column === STATE_COLUMN ? shades[users[row]!.state](text) : text),
  });
}

function cells(user: User): string[] {
  const { name, role, state, maxPriority, queues, storageQuota, jobQuota, email, createdAt } = user;
  return [
    name,
    role,
    state,
    String(maxPriority),
    queues.length === 0 ? 'open ones' : queues.join(', '),
    storageQuota === null ? '–' : `${Math.round(storageQuota / BYTES_IN_MIB)} MiB`,
    jobQuota === null ? '–' : String(jobQuota),
    printable(email),
    new Date(createdAt).toISOString().slice(0, 10),
  ];
}
