import { stringify } from 'yaml';
import { type ClusterConfig, CONFIG_FILE } from './config.ts';

/** What the text of a configuration is made of: the part of JSON Schema that its schema uses. */
interface Node {
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
}

const COLUMNS = 100;

/**
 * A configuration as a file that explains itself: every key with its description from the schema, and those that
 * have no value commented out, with an example.
 */
export function configText(config: ClusterConfig): string {
  const sections = Object.entries(CONFIG_FILE.properties as Readonly<Record<string, Node>>).map(
    ([name, node]) =>
      name === 'queues' ? queuesText(node, config) : sectionText(name, node, config[name as 'server']),
  );
  return [HEAD, ...sections].join('\n');
}

/** Where editors find the schema: in the package that is installed. */
const SCHEMA = new URL('../../../../schema/orchestra.schema.json', import.meta.url).href;

const HEAD = `# The configuration of a maestro cluster. The server reads it when it starts. What is left out has its default,
# which is what stands here. Keys that are commented out have no value; what stands there is an example.
# yaml-language-server: $schema=${SCHEMA}
`;

function sectionText(name: string, node: Node, values: Readonly<Record<string, unknown>>): string {
  const keys = Object.entries(node.properties ?? {}).flatMap(([key, property]) => [
    ...commented(property.description ?? '', '  '),
    ...settingLines(key, property, values[key]),
  ]);
  return [...commented(node.description ?? '', ''), `${name}:`, ...keys, ''].join('\n');
}

function queuesText(node: Node, { queues }: ClusterConfig): string {
  const keys = Object.entries(node.items?.properties ?? {}).flatMap(([key, property]) => {
    const [first = '', ...more] = commented(`${key}: ${property.description}`, '#   ').map((line) =>
      line.replace('#   # ', '#   '),
    );
    return [first, ...more.map((line) => line.replace('#   ', '#     '))];
  });
  const list = stringify({ queues }, { lineWidth: 0, flowCollectionPadding: false }).trimEnd();
  return [...commented(`${node.description} Keys of a queue:`, ''), ...keys, list, ''].join('\n');
}

/** A key with its value; commented out, with an example, where it has none. */
function settingLines(key: string, node: Node, value: unknown): string[] {
  const shown = value ?? node.examples?.[0] ?? node.enum?.[0] ?? '';
  const lines = stringify({ [key]: shown }, { lineWidth: 0 })
    .trimEnd()
    .split('\n');
  return lines.map((line) => (value === undefined ? `  # ${line}` : `  ${line}`));
}

/** A sentence as comment lines of a bearable width. */
function commented(sentence: string, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of sentence.split(' ')) {
    if (line !== '' && indent.length + line.length + word.length + 3 > COLUMNS) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((text) => `${indent}# ${text}`);
}
