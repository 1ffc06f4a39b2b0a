// Writes what is made of the program itself: docs/cli.md of its commands, schema/orchestra.schema.json of the
// description of a cluster's configuration: `npm run docs`. With --check it writes nothing, and fails where a file is
// not what the program would make of it.
//
// They are made of the compiled program, so build first.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Config } from '@oclif/core';

const project = fileURLToPath(new URL('..', import.meta.url));

/** @typedef {import('@oclif/core').Command.Class} CommandClass */
/** @typedef {CommandClass['flags'][string]} Flag */

/**
 * The page for a set of commands.
 *
 * @param {readonly { id: string, command: CommandClass }[]} commands in the order of the page
 */
function render(commands) {
  const globals = new Map(
    commands.flatMap(({ command }) => Object.entries(command.flags).filter(([, flag]) => isGlobal(flag))),
  );
  return [
    '# Command line',
    '',
    '<!-- Written by `npm run docs` from src/cli/commands; do not edit. -->',
    '',
    ...commands.map(
      ({ id, command }) =>
        `- [\`maestro ${words(id)}\`](#maestro-${id.replaceAll(':', '-')}): ${command.summary}`,
    ),
    '- `maestro help [COMMAND]`: Show help; `--help` behind any command does the same.',
    '- `maestro autocomplete`: Show how to have the shell complete commands and options.',
    '- `maestro --version`, `-v`: Show the version.',
    '',
    'Commands that work on studies take these options, before them or behind them:',
    '',
    ...optionLines([...globals]),
    '',
    'A mistake is told in a line on the standard error, and ends the command with exit code 1. Ctrl-C at a question',
    'ends it with 130. Colours appear on terminals only, and not where `NO_COLOR` is set.',
    '',
    ...commands.flatMap(({ id, command }) => [...commandLines(id, command), '']),
  ]
    .join('\n')
    .replaceAll('<%= config.bin %>', 'maestro');
}

/**
 * A command as it is typed.
 *
 * @param {string} id
 */
function words(id) {
  return id.replaceAll(':', ' ');
}

/**
 * @param {string} id
 * @param {CommandClass} command
 */
function commandLines(id, command) {
  const flags = Object.entries(command.flags).filter(([, flag]) => !isGlobal(flag));
  const examples = /** @type {{ description: string, command: string }[]} */ (command.examples ?? []);
  return [
    `## maestro ${words(id)}`,
    '',
    command.summary ?? '',
    '',
    '```sh',
    `maestro ${words(id)} ${flags.length > 0 ? '[OPTIONS] ' : ''}${argumentsText(command)}`.trimEnd(),
    '```',
    '',
    command.description ?? '',
    '',
    ...(flags.length > 0 ? [...optionLines(flags), ''] : []),
    '```sh',
    ...examples.flatMap(({ description, command: line }, index) => [
      ...(index > 0 ? [''] : []),
      `# ${description}`,
      line,
    ]),
    '```',
  ];
}

/** @param {CommandClass} command */
function argumentsText(command) {
  return Object.entries(command.args)
    .map(([name, argument]) => {
      const text = name.toUpperCase() + (command.strict ? '' : '…');
      return argument.required ? text : `[${text}]`;
    })
    .join(' ');
}

/**
 * @param {[string, Flag][]} flags
 */
function optionLines(flags) {
  return [
    '| option | |',
    '|---|---|',
    ...flags.map(
      ([name, flag]) => `| ${optionText(name, flag)} | ${flag.summary ?? ''}${defaultText(flag)} |`,
    ),
  ];
}

/**
 * @param {string} name
 * @param {Flag} flag
 */
function optionText(name, flag) {
  const value = flag.type === 'boolean' ? '' : ` ${valueText(flag)}`;
  const long = flag.type === 'boolean' && flag.allowNo ? `--[no-]${name}` : `--${name}`;
  return [...(flag.char === undefined ? [] : [`-${flag.char}`]), long]
    .map((text) => `\`${text}${value}\``)
    .join(', ');
}

/** @param {Exclude<Flag, { type: 'boolean' }>} flag */
function valueText(flag) {
  return flag.helpValue ?? flag.options?.join('\\|') ?? 'N';
}

/** @param {Flag} flag */
function defaultText(flag) {
  return flag.type === 'boolean' || flag.default === undefined ? '' : ` Default \`${flag.default}\`.`;
}

/** @param {Flag} flag */
function isGlobal(flag) {
  return flag.helpGroup === 'GLOBAL';
}

const config = await Config.load(project);
const own = config.commands.filter(({ pluginName }) => pluginName === config.name);
const commands = await Promise.all(own.map(async (entry) => ({ id: entry.id, command: await entry.load() })));
// Named at run time, so that types can be checked whatever has been built.
const { CONFIG_FILE } = await import(join(project, 'dist', 'orchestra', 'server', 'config', 'config.js'));

/** @type {readonly (readonly [file: string, text: string])[]} */
const written = [
  ['docs/cli.md', render(commands.sort((a, b) => a.id.localeCompare(b.id)))],
  ['schema/orchestra.schema.json', `${JSON.stringify(CONFIG_FILE, null, 2)}\n`],
];

for (const [name, text] of written) {
  const file = join(project, name);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (!existsSync(file) || text !== readFileSync(file, 'utf8')) {
    console.error(`${name} is not what the program says; run npm run docs`);
    process.exitCode = 1;
  }
}
