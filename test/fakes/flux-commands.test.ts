import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runCommand } from '../../src/conductor/schedulers/command.ts';
import { type Recorded, recorded } from '../conductor/schedulers/flux/recorded.ts';
import { type FakeFlux, startFakeFlux } from './cluster/fake-flux.ts';
import { readFacts } from './cluster/flux-facts.ts';

/** How long a job has been running differs from one recording to the next. */
function withoutClock(text: string): string {
  return text
    .replace(/"t_remaining": [\d.]+/g, '"t_remaining": 0')
    .replace(/"runtime": [\d.]+(?=, "status": "RUN")/g, '"runtime": 0')
    .replace(/^(.*\|RUN\|RUN\|R(?:\|[^|]*){7}\|)[\d.]+/gm, '$10');
}

/** Calls that must be answered byte for byte, with the jobs of `30-jobs-json-all`. */
const OF_THESE_JOBS = [
  '30-jobs-filter-failed',
  '30-jobs-format',
  '30-jobs-ids',
  '30-jobs-json-all',
  '30-jobs-known-and-unknown-json',
  '30-jobs-malformed-id',
  '30-jobs-name',
  '30-jobs-one-json',
  '30-jobs-since',
  '30-jobs-two-json',
  '30-jobs-two-unknown-json',
  '30-jobs-unknown-id',
  '30-jobs-unknown-id-json',
  '31-cancel-inactive',
  '31-cancel-malformed',
  '31-cancel-mixed',
  '31-cancel-none',
  '31-cancel-unknown',
  '31-cancel-decimal',
  '00-version',
  '10-submit-bad-timelimit',
  '10-submit-mem',
  '10-submit-nocommand',
  '10-submit-noqueue',
  '52-job-submit-badspec',
];

describe('the fake of Flux answers as a real one has', () => {
  let directory: string;
  let flux: FakeFlux;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'maestro-fake-flux-'));
    flux = await startFakeFlux({ directory });
    flux.commands.recorded.push(...readFacts(recorded('30-jobs-json-all').stdout));
  });
  after(async () => {
    await flux.server.takeDown();
    await flux.cluster.stop();
    rmSync(directory, { recursive: true });
  });

  async function replay({ command }: Recorded, uri: string | undefined): Promise<Omit<Recorded, 'command'>> {
    const { FLUX_URI: _, ...own } = flux.server.environment(process.env);
    const environment = uri === undefined ? own : { ...own, FLUX_URI: uri };
    const result = await runCommand({ program: 'bash', args: ['-c', command], limitMs: 60_000, environment });
    assert.equal(result.kind, 'exited');
    // Lines at the ends of outputs are the recorder's, or execa's, to add or to take.
    const { code, stdout, stderr } = result;
    return { code, stdout: lines(stdout), stderr: lines(stderr) };
  }

  const lines = (text: string): string => withoutClock(text.trimEnd());

  function expected({ stdout, stderr, code }: Recorded): Omit<Recorded, 'command'> {
    return { code, stdout: lines(stdout), stderr: lines(stderr) };
  }

  for (const name of OF_THESE_JOBS) {
    it(name, async () => {
      const recording = recorded(name);
      assert.deepEqual(await replay(recording, flux.uri), expected(recording));
    });
  }

  for (const name of ['02-nobroker-jobs', '02-nobroker-submit', '02-nobroker-cancel', '02-nobroker-batch']) {
    it(`${name}, with no URI told`, async () => {
      const recording = recorded(name);
      assert.deepEqual(await replay(recording, undefined), expected(recording));
    });
  }

  for (const name of ['60-broker-gone-jobs', '60-broker-gone-submit', '60-broker-gone-cancel']) {
    it(name, async () => {
      const recording = recorded(name);
      await flux.server.takeDown();
      const reply = await replay(recording, 'local://@DIR@');
      await flux.server.bringUp();
      assert.deepEqual(reply, expected(recording));
    });
  }
});
