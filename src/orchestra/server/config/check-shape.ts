import type { ValidateFunction } from 'ajv';
import { tellViolations } from '../../../shared/spec/check-schema.ts';
import { schemaCompiler } from '../../../shared/spec/compile-schema.ts';
import type { Finding } from '../../../shared/spec/finding.ts';
import { plainData, type Violation } from '../../../shared/spec/schema.ts';
import type { SpecPath } from '../../../shared/spec/specification.ts';
import { type Tree, treeAt } from '../../../shared/spec/tree.ts';
import { CONFIG_FILE } from './config.ts';

let validate: ValidateFunction | undefined;

/** What a configuration says, as data; sections of which every line is commented out say nothing. */
export function dataOf(root: Tree): Record<string, unknown> {
  // Mappings of the tree have no prototype, which data that is passed around has.
  const data: unknown = JSON.parse(JSON.stringify(plainData(root)));
  if (data === null || typeof data !== 'object' || Array.isArray(data)) return {};
  return Object.fromEntries(Object.entries(data).filter(([, section]) => section !== null));
}

/** Everything in a configuration that breaks its schema: one sentence for each place. */
export function checkShape(root: Tree): Finding[] {
  validate ??= schemaCompiler({ forFile: false }).compile(CONFIG_FILE);
  const isWhole = root.kind === 'mapping' || root.kind === 'null';
  validate(isWhole ? dataOf(root) : plainData(root));
  return tellViolations(root, (validate.errors ?? []) as readonly Violation[], (path) =>
    nameOfSetting(root, path),
  );
}

/** What a setting is called in a sentence: `slots of queue 'cpu_small'`, `cert of server.tls`. */
function nameOfSetting(root: Tree, path: SpecPath): string {
  if (path.length === 0) return 'the configuration';
  if (path[0] !== 'queues' || path[1] === undefined) return nested(path);
  const name = treeAt(root, ['queues', path[1], 'name']);
  const queue = name?.kind === 'text' && name.text !== '' ? `'${name.text}'` : String(Number(path[1]) + 1);
  return path.length === 2 ? `queue ${queue}` : `${nested(path.slice(2))} of queue ${queue}`;
}

/** Items of a list have a number and no name. */
const nested = (path: SpecPath): string =>
  path
    .map((part, index) =>
      index > 0 && /^\d+$/.test(String(part)) ? `item ${Number(part) + 1}` : String(part),
    )
    .join('.');
