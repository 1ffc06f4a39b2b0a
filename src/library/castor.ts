import { dirname, join } from 'node:path';
import type { DatasetFile } from '../orchestra/api/datasets.ts';
import * as routes from '../orchestra/api/datasets.ts';
import { call } from '../orchestra/client/call.ts';
import { downloadZip } from '../orchestra/client/datasets/download-zip.ts';
import { extractDataset } from '../orchestra/client/datasets/extract-dataset.ts';
import type { TransferOptions } from '../orchestra/client/datasets/transfer.ts';
import { type UploadedDataset, uploadDataset } from '../orchestra/client/datasets/upload-dataset.ts';
import { ownerOfName } from '../orchestra/names.ts';
import { datasetTable } from '../orchestra/tables.ts';
import { registryDirectory } from '../shared/status/registry.ts';
import { type ClusterOptions, connect, withRefusals } from './cluster.ts';

/** How a transfer is watched, and with which cluster. */
export interface DatasetTransferOptions
  extends ClusterOptions,
    Pick<TransferOptions, 'onProgress' | 'onTrouble'> {}

/** What a download is to become. */
export interface DownloadOptions extends DatasetTransferOptions {
  /** The files themselves, in a directory; else a zip. */
  readonly extract?: boolean;
  /** The zip to write, or the directory to extract to; default is named after the dataset, in the current directory. */
  readonly output?: string;
  /** Replace files that are there with other content. */
  readonly replace?: boolean;
}

/** Datasets of a cluster. Every function throws a Refusal. */
export const castor = {
  /**
   * Uploads a file, or the files of a directory, into a dataset, which is made where there is none. After a lost
   * connection it goes on by itself, and after an interruption when it is called again.
   */
  async upload(
    dataset: string,
    path: string,
    options: DatasetTransferOptions = {},
  ): Promise<UploadedDataset> {
    const connection = await connect(options);
    const memory = join(dirname(registryDirectory(process.env)), 'uploads');
    const transfer = { ...transferOf(options), memory };
    return await withRefusals('bad-request', () => uploadDataset(connection, { dataset, path }, transfer));
  },

  /** Downloads a dataset, or the outputs of a task; answers where it is now. */
  async download(
    dataset: string,
    { extract = false, output, replace: mayReplace = false, ...options }: DownloadOptions = {},
  ): Promise<string> {
    ownerOfName(dataset, 'dataset');
    const connection = await connect(options);
    const place = output ?? (extract ? dataset : `${dataset}.zip`);
    const transfer = transferOf(options);
    await withRefusals('exists', async () => {
      if (extract) await extractDataset(connection, { dataset, directory: place, mayReplace }, transfer);
      else await downloadZip(connection, { dataset, file: place, mayReplace }, transfer);
    });
    return place;
  },

  /** Deletes a dataset with its files. Refused while a task uses it, and for the outputs of a task. */
  async delete(dataset: string, options: ClusterOptions = {}): Promise<void> {
    ownerOfName(dataset, 'dataset');
    await call(await connect(options), routes.deleteDataset, { params: { dataset } }, options.signal);
  },

  /** The names of a user's datasets, yours where none is named; with `cli` their table is printed too. */
  async list(user?: string, options: ClusterOptions & { readonly cli?: boolean } = {}): Promise<string[]> {
    const query = user === undefined ? {} : { user };
    const datasets = await call(await connect(options), routes.listDatasets, { query }, options.signal);
    if (options.cli === true) process.stdout.write(`${datasetTable(datasets)}\n`);
    return datasets.map(({ name }) => name);
  },

  /** The files of a dataset, with their sizes in bytes and their hashes. */
  async show(dataset: string, options: ClusterOptions = {}): Promise<readonly DatasetFile[]> {
    ownerOfName(dataset, 'dataset');
    const asked = { params: { dataset } };
    return (await call(await connect(options), routes.showDataset, asked, options.signal)).contents;
  },
};

function transferOf({ onProgress, onTrouble, signal }: DatasetTransferOptions): TransferOptions {
  return {
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(onTrouble === undefined ? {} : { onTrouble }),
    ...(signal === undefined ? {} : { signal }),
  };
}
