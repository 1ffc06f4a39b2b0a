import type { Hook } from '@oclif/core';
import { UserError } from '../shared/errors.ts';
import { suggestOr } from '../shared/spec/suggest.ts';

/** Answers a word that is no command. */
const hook: Hook<'command_not_found'> = async ({ id, config }) => {
  // The parser joins the words that follow to the command, as if they might be topics of it.
  const [word = ''] = id.split(':');
  const commands = config.commandIDs.filter((command) => !command.includes(':')).sort();
  throw new UserError(
    `there is no command '${word}'`,
    suggestOr(word, commands, `commands are ${commands.join(', ')}`),
  );
};

export default hook;
