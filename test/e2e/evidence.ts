import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What tells why a study went as it did: the conductors' logs and outputs, and the records of the runners. */
const TELLING = /\/logs\/[^/]+\.log$|\.txt$|\/\.maestro\/runner\/[^/]+\.records$/;

/** The end of a file tells most, and a report has to be read. Characters. */
const END = 4_000;

/** The telling files of all studies below a directory, each with its end. */
export function evidenceBelow(directory: string): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => TELLING.test(file))
    .map((file) => `${file}\n${readFileSync(file, 'utf8').slice(-END)}`)
    .join('\n');
}
