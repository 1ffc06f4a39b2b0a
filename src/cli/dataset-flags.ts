import { Args, Flags } from '@oclif/core';
import { ownerOfName } from '../orchestra/names.ts';
import { UserError } from '../shared/errors.ts';
import { serverFlags } from './cluster-connection.ts';

const SUMMARY = 'The dataset: user.<username>.<name>.';

const dataset = { char: 'd', helpValue: 'NAME', summary: SUMMARY } as const;

const common = { ...serverFlags, json: Flags.boolean({ summary: 'Print JSON.' }) };

/** Of a command about one dataset that is named by `--dataset` alone, as it may not be there yet. */
export const newDatasetFlags = { dataset: Flags.string({ ...dataset, required: true }), ...common };

/** Of a command about one dataset, which is named as an argument or by `--dataset`: see `namedDataset`. */
export const datasetFlags = { dataset: Flags.string(dataset), ...common };

/** The argument that goes with `datasetFlags`. */
export const datasetArgs = { dataset: Args.string({ description: SUMMARY }) };

/**
 * The dataset that a command line names in either way. Throws a UserError where it names none or two, and a Refusal
 * for a name that no dataset can have.
 */
export function namedDataset({
  args,
  flags,
}: {
  readonly args: { readonly dataset?: string | undefined };
  readonly flags: { readonly dataset?: string | undefined };
}): string {
  const name = args.dataset ?? flags.dataset;
  if (name === undefined) throw new UserError('no dataset is named', 'name one: user.<username>.<name>');
  if (flags.dataset !== undefined && flags.dataset !== name) {
    throw new UserError(`two datasets are named: ${name} and ${flags.dataset}`, 'name one of them');
  }
  ownerOfName(name, 'dataset');
  return name;
}
