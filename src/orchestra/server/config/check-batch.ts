import { checkIdle } from '../../../shared/spec/check-idle.ts';
import { checkNumbers } from '../../../shared/spec/check-numbers.ts';
import { checkSchema } from '../../../shared/spec/check-schema.ts';
import type { Finding } from '../../../shared/spec/finding.ts';
import { entriesOf, itemsOf, type Tree, treeAt } from '../../../shared/spec/tree.ts';

/** What is wrong with the batch blocks of queues, by the rules of specifications. */
export function checkBatchBlocks(root: Tree): Finding[] {
  return itemsOf(treeAt(root, ['queues'])).flatMap((queue, index) => {
    const batch = entriesOf(queue).get('batch');
    if (batch === undefined) return [];
    const specification: Tree = { kind: 'mapping', entries: new Map([['batch', batch]]) };
    return [checkSchema, checkNumbers, checkIdle]
      .flatMap((check) => check(specification))
      .filter(({ path }) => path[0] === 'batch')
      .map((finding) => ({ ...finding, path: ['queues', index, ...finding.path] }));
  });
}
