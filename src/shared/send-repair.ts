import { existsSync } from 'node:fs';
import { UserError } from './errors.ts';
import { type LaunchOptions, launchConductor } from './launch-conductor.ts';
import { isAnswerTo } from './repair-answer.ts';
import { leaveRepair, type RepairRequest } from './repair-request.ts';
import { readEvents, readNewestEvent } from './state/queries.ts';
import { readStudyAt, takeOverview } from './status/snapshot.ts';
import { waitForStudy } from './status/wait-for-study.ts';

/**
 * How long a conductor may take to answer, in milliseconds. One on this host hears of a request at once, one on
 * another host looks every few seconds, and a turn that starts many steps may take a second or two.
 */
const ANSWER_MS = 30_000;

/** Conductors started for one request, before it is left to the user: one that cannot even begin will not later. */
const LAUNCHES = 2;

/** What came of a request. */
export type SentRepair =
  | { readonly kind: 'answered'; readonly answers: readonly string[]; readonly launched: number | undefined }
  /** The request is there, and will be taken; nobody has answered within the bound. */
  | { readonly kind: 'left' };

/**
 * Leaves a request in a study and waits until its conductor has answered. Where nobody conducts the study a
 * conductor is started for it, and one more where that one dies before it has answered.
 */
export async function sendRepair(
  directory: string,
  request: RepairRequest,
  log: LaunchOptions,
): Promise<SentRepair> {
  const before = readStudyAt(directory, readNewestEvent);
  let file = leaveRepair(directory, request);
  let launched: number | undefined;
  let launches = 0;
  const answers = await waitForStudy(directory, ANSWER_MS, async () => {
    // Judged before the answers are read: what a conductor wrote before it left is then seen for certain.
    const isConducted = takeOverview(directory).leaseState === 'live';
    const found = existsSync(file) ? [] : answersTo(request, directory, before);
    if (found.length > 0) return found;
    if (isConducted || launches === LAUNCHES) return undefined;
    launches++;
    // Taken, and not recorded: that conductor has died in between, and nothing of the request was done.
    if (!existsSync(file)) file = leaveRepair(directory, request);
    launched = (await launchUnlessConducted(directory, log)) ?? launched;
    return undefined;
  });
  return answers === undefined ? { kind: 'left' } : { kind: 'answered', answers, launched };
}

function answersTo(request: RepairRequest, directory: string, after: number): string[] {
  return readStudyAt(directory, (store) =>
    [...readEvents(store, after)]
      .filter(({ step, why }) => step === null && isAnswerTo(request.kind, why))
      .map(({ why }) => why),
  );
}

/**
 * Starts a conductor; somebody else may start one at the same moment, and theirs will do. Answers the process that
 * was started here, if it was. Throws a UserError where nobody conducts the study afterwards.
 */
export async function launchUnlessConducted(
  directory: string,
  log: LaunchOptions,
): Promise<number | undefined> {
  try {
    return (await launchConductor(directory, log)).pid;
  } catch (error) {
    if (error instanceof UserError && takeOverview(directory).leaseState === 'live') return undefined;
    throw error;
  }
}
