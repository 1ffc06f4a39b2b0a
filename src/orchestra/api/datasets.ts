import Type, { type Static } from 'typebox';
import type { Route } from '../route.ts';

const DatasetName = Type.String({ minLength: 1, maxLength: 200 });
const ByName = Type.Object({ dataset: DatasetName });
const OfUser = Type.Object({ user: Type.Optional(Type.String({ maxLength: 63 })) });

/** A dataset at a glance. Sizes are bytes, times Unix milliseconds. */
export const Dataset = Type.Object({
  name: DatasetName,
  owner: Type.String(),
  /** Uploaded files, or the outputs of the task of the same name. */
  kind: Type.Enum(['files', 'outputs']),
  files: Type.Integer(),
  size: Type.Integer(),
  createdAt: Type.Integer(),
});
export type Dataset = Static<typeof Dataset>;

/** One file of a dataset; outputs of tasks that still run have no hash. */
export const DatasetFile = Type.Object({
  path: Type.String(),
  size: Type.Integer(),
  sha256: Type.Union([Type.String(), Type.Null()]),
  uploadedAt: Type.Integer(),
});
export type DatasetFile = Static<typeof DatasetFile>;

export const listDatasets = {
  method: 'GET',
  path: '/datasets',
  summary: 'The datasets of a user; of whoever asks, where none is named.',
  by: 'user',
  query: OfUser,
  answer: Type.Array(Dataset),
} as const satisfies Route;

export const showDataset = {
  method: 'GET',
  path: '/datasets/:dataset',
  summary: 'A dataset and its files.',
  by: 'user',
  params: ByName,
  answer: Type.Object({ ...Dataset.properties, contents: Type.Array(DatasetFile) }),
} as const satisfies Route;

export const deleteDataset = {
  method: 'DELETE',
  path: '/datasets/:dataset',
  summary: 'Delete a dataset that no task owns or uses.',
  by: 'user',
  params: ByName,
} as const satisfies Route;
