import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { BLOCKS, RUN_KEYS, STEP_KEYS } from '../../../src/shared/spec/schema.ts';
import { BATCH_TYPES, RESOURCE_KEYS } from '../../../src/shared/spec/specification.ts';

interface Node {
  readonly title?: string;
  readonly description?: string;
  readonly errorMessage?: string;
  readonly type?: unknown;
  readonly properties?: Record<string, Node>;
  readonly items?: Node;
  readonly additionalProperties?: Node | boolean;
}

const schema = JSON.parse(
  readFileSync(new URL('../../../schema/study.schema.json', import.meta.url), 'utf8'),
);

/** Every node that describes a value, with the way to it. */
function describedNodes(node: Node, path: string): [path: string, node: Node][] {
  const inner = Object.entries(node.properties ?? {}).flatMap(([key, child]) =>
    describedNodes(child, `${path}/${key}`),
  );
  const items = node.items === undefined ? [] : describedNodes(node.items, `${path}/0`);
  const others =
    typeof node.additionalProperties === 'object'
      ? describedNodes(node.additionalProperties, `${path}/*`)
      : [];
  return [[path, node], ...inner, ...items, ...others];
}

describe('the published schema', () => {
  it('is a JSON Schema of draft 7', () => {
    assert.equal(schema.$schema, 'http://json-schema.org/draft-07/schema#');
    assert.ok(new Ajv({ strict: false }).validateSchema(schema));
  });

  it('explains each key, and says what to write where it restricts it', () => {
    for (const [path, { title, description, errorMessage, type }] of describedNodes(schema, '')) {
      assert.ok(title, `${path} has a title`);
      assert.ok(description, `${path} has a description`);
      assert.ok(errorMessage !== undefined || type === undefined, `${path} says what to write`);
    }
  });

  it('knows the keys that the program knows', () => {
    assert.deepEqual(BLOCKS, ['description', 'env', 'batch', 'study', 'global.parameters']);
    assert.deepEqual(STEP_KEYS, ['name', 'description', 'run']);
    assert.deepEqual(
      [...RUN_KEYS].sort(),
      ['cmd', 'restart', 'retry', 'depends', 'args', 'pre', 'post', ...RESOURCE_KEYS].sort(),
    );
    assert.deepEqual(schema.properties.batch.properties.type.enum, BATCH_TYPES);
  });
});
