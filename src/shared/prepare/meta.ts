import type { Batch, Parameter } from '../spec/specification.ts';
import { combinationName, rowCount } from '../study/combinations.ts';
import type { Expansion, Study } from '../study/study.ts';
import { yamlKey, yamlList, yamlText, yamlValue } from './yaml-text.ts';

/** Pieces are gathered to about this many characters, so that a million of them are few writes. */
const PIECE = 1 << 16;

/**
 * Names of variables whose values may be secret. A study directory is made to be shared and kept, and its reader
 * loses little where a harmless variable is left out too: so the net is wide.
 */
const SECRET_NAME =
  /PASS|SECRET|TOKEN|CREDENTIAL|AUTH|PRIVATE|COOKIE|SESSION_?ID|API_?KEY|KEYS?(?:_|$)|_(?:PWD|PAT|PIN|DSN|JWT)$/i;

/** A user and password in a URL, whatever the variable is called. */
const SECRET_VALUE = /:\/\/[^/@\s]*:[^/@\s]+@/;

/**
 * meta/parameters.yaml: for each combination, named by its labels joined with `.`, the value (`params`) and the
 * label (`labels`) behind each token. In pieces, because there may be a million.
 */
export function parametersYaml(parameters: readonly Parameter[]): Iterable<string> {
  return gathered(parameterEntries(parameters));
}

function* parameterEntries(parameters: readonly Parameter[]): Generator<string> {
  if (parameters.length === 0) return yield '{}\n';
  const all = parameters.map((_, index) => index);
  const valueKeys = parameters.map(({ key }) => `    ${yamlKey(`$(${key})`)} `);
  const labelKeys = parameters.map(({ key }) => `    ${yamlKey(`$(${key}.label)`)} `);
  const told = new Set<string>();
  for (let row = 0; row < rowCount(parameters); row++) {
    const name = combinationName(parameters, all, row);
    // As in the expansion, the first combination with a name is the one that counts.
    if (told.has(name)) continue;
    told.add(name);
    const labels = parameters.map(({ labels }, i) => `${labelKeys[i]}${yamlText(labels[row]!)}\n`);
    const values = parameters.map(({ values }, i) => `${valueKeys[i]}${yamlValue(values[row]!)}\n`);
    yield `${yamlKey(name)}\n  labels:\n${labels.join('')}  params:\n${values.join('')}`;
  }
}

/**
 * meta/metadata.yaml: what the study's steps depend on and use, which steps they are expanded to, and the
 * workspaces of these, relative to the study directory. In pieces, because there may be a million.
 */
export function metadataYaml(study: Study, expansion: Expansion): Iterable<string> {
  return gathered(metadataEntries(study, expansion));
}

function* metadataEntries(study: Study, expansion: Expansion): Generator<string> {
  const { steps, parameters } = study;
  const listPerStep = (list: (step: (typeof steps)[number]) => readonly string[]) =>
    steps.map((step) => `  ${yamlKey(step.name)} ${yamlList(list(step))}\n`).join('');
  const names = (indexes: readonly number[]) => indexes.map((index) => steps[index]!.name);
  yield `dependencies:\n${listPerStep((step) => names(step.parents))}`;
  yield `hub_dependencies:\n${listPerStep((step) => names(step.funnels))}`;
  yield 'step_combinations:\n';
  for (const [index, rows] of rowsByTemplate(expansion, steps.length).entries()) {
    yield `  ${yamlKey(steps[index]!.name)}\n`;
    for (const row of rows) yield `    - ${yamlText(expansion.names[row]!)}\n`;
  }
  yield `used_parameters:\n${listPerStep(({ uses }) => uses.map((use) => parameters[use]!.key))}`;
  yield 'workspaces:\n';
  for (let row = 0; row < expansion.count; row++) {
    yield `  ${yamlKey(expansion.names[row]!)} ${yamlText(expansion.workspaces[row]!)}\n`;
  }
}

function rowsByTemplate({ count, template }: Expansion, templates: number): number[][] {
  const rows: number[][] = Array.from({ length: templates }, () => []);
  for (let row = 0; row < count; row++) rows[template[row]!]!.push(row);
  return rows;
}

/** meta/environment.yaml: the process environment by name, without what may be secret. */
export function environmentYaml(environment: Readonly<Record<string, string | undefined>>): string {
  const entries = Object.entries(environment)
    .filter(([name, value]) => value !== undefined && !SECRET_NAME.test(name) && !SECRET_VALUE.test(value))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, value]) => `${yamlKey(name)} ${yamlText(value ?? '')}\n`).join('') || '{}\n';
}

/** batch.info: the `batch` block, with its defaults filled in. */
export function batchInfo(batch: Batch): string {
  const { args, ...scalars } = batch;
  const lines = Object.entries(scalars)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}: ${yamlValue(String(value))}\n`);
  const given = Object.entries(args).map(([name, value]) => `  ${yamlKey(name)} ${yamlValue(value)}\n`);
  return (given.length === 0 ? '' : `args:\n${given.join('')}`) + lines.join('');
}

/** A file that tells about a study, its text in pieces because there may be a million combinations. */
export interface MetaFile {
  /** Relative to the study directory. */
  readonly path: string;
  readonly pieces: Iterable<string>;
}

/** The files that tell people and their programs about a study; we never read them ourselves. */
export function metaFiles(
  { study, expansion }: { readonly study: Study; readonly expansion: Expansion },
  environment: Readonly<Record<string, string | undefined>>,
): MetaFile[] {
  return [
    { path: 'batch.info', pieces: [batchInfo(study.batch)] },
    { path: 'meta/environment.yaml', pieces: [environmentYaml(environment)] },
    { path: 'meta/metadata.yaml', pieces: metadataYaml(study, expansion) },
    { path: 'meta/parameters.yaml', pieces: parametersYaml(study.parameters) },
  ];
}

/** The same text in fewer, larger pieces. */
function* gathered(pieces: Iterable<string>): Generator<string> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < PIECE) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}
