import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Args, Flags, Parser } from '@oclif/core';
import { explainParserError } from '../../src/cli/command-line-error.ts';

const COMMAND = {
  args: { directory: Args.string({ required: true }) },
  flags: {
    throttle: Flags.integer({ min: 0 }),
    layout: Flags.option({ options: ['flat', 'narrow'] })(),
    autoyes: Flags.boolean(),
    autono: Flags.boolean({ exclusive: ['autoyes'] }),
  },
};

async function lineOf(...argv: string[]): Promise<string> {
  try {
    await Parser.parse(argv, COMMAND);
  } catch (error) {
    return explainParserError(error as Error).line;
  }
  assert.fail('the parser found nothing wrong');
}

test('each mistake on the command line is one line with a mend', async () => {
  assert.equal(await lineOf('--throtle', '2', 'D'), 'there is no option --throtle; did you mean --throttle?');
  assert.equal(await lineOf('--xyzzy', 'D'), 'there is no option --xyzzy; --help shows what there is');
  assert.equal(await lineOf(), 'DIRECTORY is missing; --help shows what there is');
  assert.match(await lineOf('D', 'E'), /^Unexpected argument: E; --help/);
  assert.match(
    await lineOf('D', '--throttle', '-1'),
    /^--throttle: Expected an integer .* 0 but received: -1; --help/,
  );
  assert.match(
    await lineOf('D', '--layout', 'wide'),
    /^Expected --layout=wide to be one of: flat, narrow; --help/,
  );
  assert.match(
    await lineOf('D', '--autoyes', '--autono'),
    /^--auto\w+=true cannot also be provided .*; --help/,
  );
});
