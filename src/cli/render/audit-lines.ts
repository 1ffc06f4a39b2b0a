import type { AuditedDeed } from '../../orchestra/server/main.ts';
import { formatTime } from '../../shared/state/status-csv.ts';

/** The audit log, a line a deed; what users could have named stands in it as one word. */
export function* auditLines(deeds: Iterable<AuditedDeed>, form: 'text' | 'json'): Generator<string> {
  for (const deed of deeds) {
    if (form === 'json') yield JSON.stringify(deed);
    else {
      const { at, actor, action, subject, outcome, address } = deed;
      const words = [actor, address === '' ? '-' : address, action, subject === '' ? '-' : subject, outcome];
      yield [formatTime(at), ...words.map((word) => word.replace(/[\p{Cc}\s]+/gu, '?'))].join('  ');
    }
  }
}
