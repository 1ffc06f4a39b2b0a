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
/** A dataset, as the API answers it. */
export type Dataset = Static<typeof Dataset>;

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const FilePath = Type.String({ minLength: 1, maxLength: 1_024 });

/** One file of a dataset; outputs of tasks have no hash. */
export const DatasetFile = Type.Object({
  path: Type.String(),
  size: Type.Integer(),
  sha256: Type.Union([Type.String(), Type.Null()]),
  uploadedAt: Type.Integer(),
  /** Whether the disk has lost its content: the same content uploaded again mends it. */
  rotten: Type.Boolean(),
});
/** A file of a dataset, as the API answers it. */
export type DatasetFile = Static<typeof DatasetFile>;

/** What a user has. */
export const listDatasets = {
  method: 'GET',
  path: '/datasets',
  summary: 'The datasets of a user; of whoever asks, where none is named.',
  by: 'user',
  query: OfUser,
  answer: Type.Array(Dataset),
} as const satisfies Route;

/** A dataset with all its files, by path. */
export const showDataset = {
  method: 'GET',
  path: '/datasets/:dataset',
  summary: 'A dataset and its files.',
  by: 'user',
  params: ByName,
  answer: Type.Object({ ...Dataset.properties, contents: Type.Array(DatasetFile) }),
} as const satisfies Route;

/** Refused for outputs, and while a task that has not ended needs it. */
export const deleteDataset = {
  method: 'DELETE',
  path: '/datasets/:dataset',
  summary: 'Delete a dataset that no task owns or uses.',
  by: 'user',
  params: ByName,
} as const satisfies Route;

/** Where whole files are uploaded resumably, by tus 1.0.0: https://tus.io/protocols/resumable-upload. */
export const UPLOADS_PATH = '/uploads';

/**
 * Stores many small files that come in one pack (src/orchestra/file-pack.ts): all of them, or none. Those that the
 * dataset has already with the same content count as stored.
 */
export const storePack = {
  method: 'POST',
  path: '/datasets/:dataset/files',
  summary: 'Store a pack of small files.',
  by: 'user',
  params: ByName,
  answer: Type.Object({ stored: Type.Integer() }),
} as const satisfies Route;

/** Ends a resumable upload: what came has to have this hash. Repeating it is harmless. */
export const finishUpload = {
  method: 'POST',
  path: '/uploads/:upload/finish',
  summary: 'Store a file that has been uploaded whole.',
  by: 'user',
  params: Type.Object({ upload: Type.String({ maxLength: 64 }) }),
  body: Type.Object(
    { dataset: DatasetName, path: FilePath, sha256: Sha256 },
    { additionalProperties: false },
  ),
} as const satisfies Route;

/** Streamed as it is made. */
export const downloadZip = {
  method: 'GET',
  path: '/datasets/:dataset/zip',
  summary: 'All files of a dataset, as a zip.',
  by: 'user',
  params: ByName,
  answers: 'bytes',
} as const satisfies Route;

/** With `etag`, `accept-ranges`, and for uploaded files `x-content-sha256`. */
export const readDatasetFile = {
  method: 'GET',
  path: '/datasets/:dataset/file',
  summary: 'One file of a dataset, whole or by a range of its bytes.',
  by: 'user',
  params: ByName,
  query: Type.Object({ path: FilePath }),
  answers: 'bytes',
} as const satisfies Route;

/** Reads and hashes files of a dataset again, in the order of their paths, until a bound of work is reached. */
export const verifyDataset = {
  method: 'POST',
  path: '/datasets/:dataset/verify',
  summary: 'Hash files of a dataset again; ask on from `next`.',
  by: 'user',
  params: ByName,
  query: Type.Object({ after: Type.Optional(FilePath) }),
  answer: Type.Object({
    files: Type.Integer(),
    size: Type.Integer(),
    /** Files whose content is not what was uploaded any more. */
    rotten: Type.Array(Type.String()),
    /** The last path that was looked at, to ask on from; null: all have been. */
    next: Type.Union([Type.String(), Type.Null()]),
  }),
} as const satisfies Route;
