import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PrivateSlurm, whyNoSlurm } from '../conductor/schedulers/slurm/private-slurm.ts';
import { textOf } from '../tidiness/tracked-files.ts';
import { codeBlocks } from './code-blocks.ts';
import { type Laptop, makeLaptop, missingForCluster } from './laptop.ts';
import { register } from './register.ts';

// docs/orchestra/tutorial.md, as a new user would follow it: its own commands, in its order, at a terminal.

const PASSWORD = 'a long walk along the river';
const ANSWERS = [/New password of/, /Once more:/, /Password:/].map((prompt) => [prompt, PASSWORD] as const);

const blocks = codeBlocks(textOf('docs/orchestra/tutorial.md'));

/** Follows the document to its end; answers what the last of its commands has shown. */
async function follow(laptop: Laptop): Promise<string> {
  let server = '';
  let shown = '';
  for (const { language, text, heading, line } of blocks) {
    if (language !== 'sh') continue;
    if (heading === 'Serve') {
      [, server = ''] = await laptop.leave(text, /(http:\/\/127\.0\.0\.1:\d+)/);
      laptop.set('MAESTRO_SERVER', server);
      continue;
    }
    if (text.includes('user activate ada')) await register(server, { name: 'ada', password: PASSWORD });
    const { code, screen } = await laptop.type(text, ANSWERS);
    assert.equal(code, 0, `line ${line}: ${text}${screen}`);
    shown = screen;
  }
  return shown;
}

/** What the document says that its last command shows. */
const results = blocks.find(
  ({ language, heading }) => language === 'text' && heading === 'The results',
)?.text;

test('the tutorial leads from nothing to results', { skip: missingForCluster() }, async (t) => {
  const shown = await follow(makeLaptop(t));
  assert.ok(results !== undefined && shown.endsWith(results), shown);
});

describe('the tutorial with its queue on a real Slurm', {
  skip: missingForCluster() || (whyNoSlurm({ accounting: false }) ?? false),
}, () => {
  let slurm: PrivateSlurm;
  before(async () => {
    slurm = await PrivateSlurm.start({ accounting: false });
  });
  after(() => slurm.close());

  test('the same commands lead to the same results, by jobs of Slurm', async (t) => {
    const laptop = makeLaptop(t, slurm.environment);
    // What the document shows, with the account and the partition that are there.
    const queue = blocks.find(
      ({ language, text }) => language === 'yaml' && text.includes('type: slurm'),
    )?.text;
    const here = queue?.replace('bank: physics', 'bank: root').replace('queue: short', 'queue: debug');
    assert.ok(here !== undefined && here !== queue);
    mkdirSync(join(laptop.directory, 'lab'), { mode: 0o700 });
    writeFileSync(join(laptop.directory, 'lab', 'config.yaml'), here);
    const shown = await follow(laptop);
    assert.ok(results !== undefined && shown.endsWith(results), shown);
    const { screen } = await laptop.type("squeue --noheader --states=all --format='%T'");
    assert.match(screen, /^(?:COMPLETED\n)+$/);
  });
});
