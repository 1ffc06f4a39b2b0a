import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { CANCEL_LOCK, readRequests, removeRequest, UPDATE_LOCK } from '../../src/shared/control.ts';
import { requestDirectory } from '../../src/shared/repair-request.ts';
import type { Fuzzer } from './fuzzer.ts';
import { hostileName, mutated } from './hostile-text.ts';

const UPDATES = [
  'rlimit: 2\nsleep: 30\nthrottle: 4\n',
  '{rlimit: null, sleep: null, throttle: 0}',
  'attempts: 3\n',
];
const REPAIRS = [
  '{"kind":"retry","steps":[0,1,2],"descendants":true,"clean":false}',
  '{"kind":"cancel-steps","steps":[3]}',
  '{"kind":"pause"}',
];

/** What may stand where a request is expected. */
const content = (texts: readonly string[]) =>
  fc.oneof(
    { weight: 6, arbitrary: mutated(texts).map((text) => ({ kind: 'file', text }) as const) },
    { weight: 2, arbitrary: fc.json().map((text) => ({ kind: 'file', text }) as const) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary' }).map((text) => ({ kind: 'file', text }) as const) },
    { weight: 1, arbitrary: fc.constant({ kind: 'directory' } as const) },
    { weight: 1, arbitrary: fc.constant({ kind: 'dangling link' } as const) },
    { weight: 1, arbitrary: fc.constant({ kind: 'link to itself' } as const) },
  );

type Content =
  | { readonly kind: 'file'; readonly text: string }
  | { readonly kind: 'directory' | 'dangling link' | 'link to itself' };

function put(path: string, what: Content): void {
  switch (what.kind) {
    case 'file':
      writeFileSync(path, what.text);
      return;
    case 'directory':
      mkdirSync(join(path, 'full'), { recursive: true });
      return;
    case 'dangling link':
      symlinkSync('nowhere', path);
      return;
    case 'link to itself':
      symlinkSync(path, path);
  }
}

const fileName = hostileName
  .map((name) => `${name.replaceAll(/[/\0]/g, '_').slice(0, 60)}.json`)
  .filter((name) => Buffer.byteLength(name) < 200);

/** Reads lock files and requests; whatever lies there, the request beside it is found, and all of them can go. */
export const readingRequests: Fuzzer = {
  name: 'lock files and requests that are read',
  runs: 300,
  open: () => {
    const directory = mkdtempSync(join(tmpdir(), 'maestro-fuzz-requests-'));
    return {
      property: fc.property(
        fc.option(content(UPDATES), { nil: undefined }),
        fc.boolean(),
        fc.uniqueArray(fc.tuple(fileName, content(REPAIRS)), { maxLength: 3, selector: ([name]) => name }),
        (update, hasCancel, repairs) => {
          try {
            mkdirSync(requestDirectory(directory), { recursive: true });
            if (update !== undefined) put(join(directory, UPDATE_LOCK), update);
            if (hasCancel) writeFileSync(join(directory, CANCEL_LOCK), '');
            for (const [name, what] of repairs) put(join(requestDirectory(directory), name), what);
            writeFileSync(join(requestDirectory(directory), '1-good.json'), '{"kind":"unpause"}');
            const waiting = readRequests(directory, Date.now() + 60_000);
            const kinds = waiting.map(({ request }) => request.kind);
            assert.ok(kinds.includes('unpause'), 'a good request is not found beside bad ones');
            assert.equal(kinds.includes('cancel'), hasCancel);
            for (const request of waiting) removeRequest(request);
            assert.deepEqual(readRequests(directory, Date.now() + 60_000), []);
          } finally {
            rmSync(directory, { recursive: true });
          }
        },
      ),
      clean: () => rmSync(directory, { recursive: true, force: true }),
    };
  },
};
