import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { reportError } from '../../src/cli/report.ts';
import { createStudyDirectory } from '../../src/shared/prepare/directory.ts';
import { checkStudy } from '../../src/shared/prepare/prepare.ts';
import { storeFile } from '../../src/shared/state/store.ts';
import { takeSnapshot } from '../../src/shared/status/snapshot.ts';
import { createStepFilter } from '../../src/shared/status/step-filter.ts';
import type { Fuzzer } from './fuzzer.ts';

const SPECIFICATION = `description: {name: fuzzed, description: a study}
study:
  - {name: first, description: d, run: {cmd: echo $(A)}}
  - {name: second, description: d, run: {cmd: "true", depends: [first_*]}}
global.parameters: {A: {values: [1, 2, 3], label: A.%%}}
`;

async function makeStudy(directory: string): Promise<string> {
  const specificationFile = join(directory, 'study.yaml');
  writeFileSync(specificationFile, SPECIFICATION);
  const { checked } = await checkStudy({
    specificationFile,
    generatorArgs: [],
    hashWorkspaces: false,
    useTmp: false,
    limits: { attempts: 1, rlimit: 1, throttle: 0, sleeptime: 60 },
    dry: false,
    cwd: directory,
    now: new Date(0),
  });
  return createStudyDirectory(checked!);
}

/** What `maestro` would print on stderr. */
function reported(error: unknown): string {
  const { write } = process.stderr;
  let said = '';
  process.stderr.write = (text: string | Uint8Array): boolean => {
    said += text;
    return true;
  };
  try {
    reportError(error);
  } finally {
    process.stderr.write = write;
  }
  return said;
}

/** Damage at a place from 0 to 1: bytes that are another, or zero, or the end of the file. */
const damage = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  kind: fc.constantFrom('flip', 'flip', 'flip', 'zero', 'cut'),
  bits: fc.integer({ min: 1, max: 255 }),
  length: fc.integer({ min: 1, max: 600 }),
});

/** Looks at studies whose store is damaged: what can be read is shown, and else a user is told what is wrong. */
export const lookingAtStores: Fuzzer = {
  name: 'stores that are damaged',
  runs: 100,
  open: () => {
    const scratch = mkdtempSync(join(tmpdir(), 'maestro-fuzz-store-'));
    const made = makeStudy(scratch);
    return {
      property: fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (damages) => {
        const study = await made;
        const file = storeFile(study);
        const sound = readFileSync(file);
        let bytes = Buffer.from(sound);
        for (const { at, kind, bits, length } of damages) {
          const place = Math.floor(at * bytes.length);
          if (kind === 'cut') bytes = bytes.subarray(0, place);
          else if (kind === 'zero') bytes.fill(0, place, Math.min(bytes.length, place + length));
          else if (bytes.length > 0) bytes[place] = bytes[place]! ^ bits;
        }
        writeFileSync(file, bytes);
        try {
          takeSnapshot(study, createStepFilter({}), true);
        } catch (error) {
          assert.doesNotMatch(reported(error), /bug in maestro|\n +at /);
        } finally {
          for (const leftover of ['-wal', '-shm', '-journal']) rmSync(`${file}${leftover}`, { force: true });
          writeFileSync(file, sound);
        }
      }),
      clean: () => rmSync(scratch, { recursive: true }),
    };
  },
};
