import type { Finding } from './finding.ts';
import { nameOf } from './naming.ts';
import { pythonText } from './python-text.ts';
import type { SpecPath } from './specification.ts';
import { entriesOf, itemsOf, type Scalar, type Tree, treeAt } from './tree.ts';

/** Scalars that YAML reads as something other than they seem to be. */
export function checkNumbers(root: Tree): Finding[] {
  return [...changedNames(root), ...surprisingValues(root), ...surprisingResources(root)];
}

const NAMES_IN_BATCH = ['host', 'bank', 'queue', 'reservation', 'qos', 'version'];
const NAMES_IN_RUN = ['host', 'bank', 'queue'];

/** Names of accounts and the like that lose digits when they are read as numbers. */
function changedNames(root: Tree): Finding[] {
  const inBatch = NAMES_IN_BATCH.flatMap((key) => changedName(root, ['batch', key], `${key} in batch`));
  const inSteps = itemsOf(treeAt(root, ['study'])).flatMap((_, index) =>
    NAMES_IN_RUN.flatMap((key) => {
      const path = ['study', index, 'run', key];
      return changedName(root, path, nameOf(root, path));
    }),
  );
  return [...inBatch, ...inSteps];
}

function changedName(root: Tree, path: SpecPath, subject: string): Finding[] {
  const value = treeAt(root, path);
  if (value?.kind !== 'integer' && value?.kind !== 'float') return [];
  if (pythonText(value) === value.source) return [];
  const message = `${subject} is written ${value.source}, which YAML reads as ${pythonText(value)}`;
  return [{ severity: 'error', path, atKey: false, message, mend: quoted(value) }];
}

const quoted = ({ source }: Scalar): string => `put it in quotes: '${source}'`;

/** `010` is 8, `1:30` is 90 and `no` is False: rarely what a list of values means. One is told for each list. */
function surprisingValues(root: Tree): Finding[] {
  const variables = [...entriesOf(treeAt(root, ['env', 'variables']))].flatMap(([key, { value }]) =>
    isSurprising(value) ? [surprise(['env', 'variables', key], `variable '${key}'`, value)] : [],
  );
  const parameters = [...entriesOf(treeAt(root, ['global.parameters'])).keys()].flatMap((key) => {
    const path = ['global.parameters', key, 'values'];
    const values = itemsOf(treeAt(root, path));
    const value = values.find(isSurprising);
    if (value === undefined) return [];
    return [surprise([...path, values.indexOf(value)], `a value of parameter '${key}'`, value)];
  });
  return [...variables, ...parameters];
}

function isSurprising(value: Tree): value is Scalar {
  if (value.kind === 'integer') return /^[-+]?0[0-7_]|:/.test(value.source);
  return value.kind === 'boolean' && value.source.toLowerCase() !== String(value.value);
}

function surprise(path: SpecPath, subject: string, value: Scalar): Finding {
  const message = `${subject} is written ${value.source}, which YAML reads as ${pythonText(value)}`;
  return { severity: 'warning', path, atKey: false, message, mend: `${quoted(value)}, if that is not meant` };
}

const COUNTS = ['nodes', 'procs', 'cores per task', 'tasks per rs', 'rs per node', 'cpus per rs', 'gpus'];

function surprisingResources(root: Tree): Finding[] {
  return itemsOf(treeAt(root, ['study'])).flatMap((step, index) =>
    [...entriesOf(treeAt(step, ['run']))].flatMap(([key, { value }]): Finding[] => {
      const path = ['study', index, 'run', key];
      const subject = nameOf(root, path);
      if (key === 'walltime' && value.kind === 'integer' && value.source.includes(':')) {
        const message = `${subject} is written ${value.source}, which YAML reads as ${value.value} minutes`;
        return [{ severity: 'warning', path, atKey: false, message, mend: quoted(value) }];
      }
      if (!COUNTS.includes(key) || value.kind !== 'float' || !Number.isInteger(value.value)) return [];
      const mend = `write the whole number ${value.value}`;
      return [{ severity: 'error', path, atKey: false, message: `${subject} is ${value.source}`, mend }];
    }),
  );
}
