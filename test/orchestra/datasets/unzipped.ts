import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from './raw-uploads.ts';

/** The hashes of the files below a directory, by their paths, in their order. */
export function filesIn(directory: string): Map<string, string> {
  const paths = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.sort().map((path) => [path.slice(directory.length + 1), sha256(readFileSync(path))]));
}

/** The hashes of the files in a zip, as Python reads it: the reader that older clients have. */
export function unzipped(file: string): Map<string, string> {
  const script = `
import hashlib, json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
print(json.dumps({name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}))`;
  const files = JSON.parse(execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }));
  return new Map(Object.entries<string>(files).sort(([one], [other]) => (one < other ? -1 : 1)));
}
