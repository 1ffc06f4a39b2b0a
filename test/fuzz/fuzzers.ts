import type { Fuzzer } from './fuzzer.ts';
import { readingRequests } from './requests.ts';
import { hearingSchedulers } from './schedulers.ts';
import { makingStudies, readingSpecifications } from './specifications.ts';
import { lookingAtStores } from './stores.ts';

/** Everything that is fuzzed. */
export const FUZZERS: readonly Fuzzer[] = [
  readingSpecifications,
  makingStudies,
  readingRequests,
  ...hearingSchedulers,
  lookingAtStores,
];
