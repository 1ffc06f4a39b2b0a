import type { StudyRequest } from '../shared/prepare/prepare.ts';

/** What the options of `run` and `validate` say of a study; `validate` leaves out what only a run needs. */
export interface StudyFlags {
  readonly pgen?: string | undefined;
  readonly pargs?: readonly string[] | undefined;
  readonly out?: string | undefined;
  readonly attempts?: number;
  readonly rlimit?: number;
  readonly throttle?: number;
  readonly sleeptime?: number;
  readonly dry?: boolean;
  readonly hashws?: boolean;
  readonly usetmp?: boolean;
}

/** The request that a command line makes, here and now. */
export function studyRequest(specificationFile: string, flags: StudyFlags): StudyRequest {
  const { pgen, out, pargs = [], attempts = 1, rlimit = 1, throttle = 0, sleeptime = 60 } = flags;
  return {
    specificationFile,
    ...(out === undefined ? {} : { out }),
    ...(pgen === undefined ? {} : { generator: pgen }),
    generatorArgs: pargs,
    hashWorkspaces: flags.hashws ?? false,
    useTmp: flags.usetmp ?? false,
    limits: { attempts, rlimit, throttle, sleeptime },
    dry: flags.dry ?? false,
    cwd: process.cwd(),
    now: new Date(),
  };
}
