import { rmSync } from 'node:fs';
import { createStudyDirectory } from '../../../shared/prepare/directory.ts';
import { checkStudy } from '../../../shared/prepare/prepare.ts';
import { isStudyDirectory } from '../../../shared/state/store.ts';
import type { ConcreteRuntime } from '../containers/runtime.ts';
import { runtimeOf } from '../containers/runtimes.ts';
import type { JobMeans } from './job-settings.ts';
import { isLocalQueue } from './queue-batch.ts';
import { programFiles, type StudyPlace } from './study-place.ts';
import { stepNameOf } from './study-specification.ts';
import type { TaskPlan } from './task-plan.ts';
import { writeProgram } from './write-program.ts';

/** All that is needed to make a study, as data that can be sent to another thread. */
export interface StudyOrder {
  readonly plan: TaskPlan;
  readonly runtime: ConcreteRuntime;
  readonly means: Omit<JobMeans, 'runtime'>;
  readonly place: StudyPlace;
}

/** Between two polls of a batch scheduler, in seconds: jobs of a task are shorter than those of most studies. */
const SLEEPTIME_S = 15;

/**
 * Makes the study of a task. What an interrupted making has left is made anew. Throws where the specification that
 * comes out is none: what its queue says of its batch scheduler makes no sense.
 */
export async function makeStudyDirectory({ plan, runtime, means, place }: StudyOrder): Promise<void> {
  const { study, program } = place;
  if (isStudyDirectory(study)) return;
  rmSync(study, { recursive: true, force: true });
  writeProgram(plan, { ...means, runtime: runtimeOf(runtime) }, program);
  const limits = { attempts: 1, rlimit: 1, throttle: 0, sleeptime: SLEEPTIME_S };
  const { diagnostics, checked } = await checkStudy({
    specificationFile: programFiles(program).specification,
    out: study,
    generatorArgs: [],
    hashWorkspaces: false,
    useTmp: false,
    // No slot is given to it yet.
    limits: isLocalQueue(plan.queue) ? { ...limits, cores: 0 } : limits,
    dry: false,
    cwd: program,
    now: new Date(),
  });
  const problem = diagnostics.find(({ severity }) => severity === 'error');
  if (checked === undefined) throw new Error(problem?.message ?? 'the specification of the task is wrong');
  const { names } = checked.expansion;
  // Everything else here counts on it that a job's number is its step's.
  if (names.some((name, row) => name !== stepNameOf(row, plan.canaries))) {
    throw new Error('the steps of the study are not in the order of the jobs');
  }
  await createStudyDirectory(checked);
}
