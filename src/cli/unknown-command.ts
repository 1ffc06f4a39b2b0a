import type { Hook } from '@oclif/core';
import { UserError } from '../shared/errors.ts';
import { suggestOr } from '../shared/spec/suggest.ts';

/** Answers a word that is no command. */
const hook: Hook<'command_not_found'> = async ({ id, config }) => {
  const commands = config.commandIDs;
  throw new UserError(
    `there is no command '${id}'`,
    suggestOr(id, commands, `commands are ${[...commands].sort().join(', ')}`),
  );
};

export default hook;
